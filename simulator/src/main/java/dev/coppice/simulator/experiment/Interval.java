package dev.coppice.simulator.experiment;

import java.util.List;

/**
 * A mean over seeds and the half width of its 95 % confidence interval, by Student's distribution.
 *
 * @param half NaN of fewer than two values
 */
public record Interval(double mean, double half, int values) {
    /** 97.5 % quantiles of Student's distribution with 1, 2, ... degrees of freedom. */
    private static final double[] QUANTILES = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
        2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
    };

    /** @param values at least one */
    static Interval of(List<Double> values) {
        int n = values.size();
        double mean = values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
        if (n < 2) {
            return new Interval(mean, Double.NaN, n);
        }
        double squares = values.stream()
                .mapToDouble(value -> (value - mean) * (value - mean))
                .sum();
        double quantile = QUANTILES[Math.min(n - 1, QUANTILES.length) - 1]; // of more the last, which is wider
        return new Interval(mean, quantile * Math.sqrt(squares / (n - 1) / n), n);
    }
}
