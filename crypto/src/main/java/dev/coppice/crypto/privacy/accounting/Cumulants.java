package dev.coppice.crypto.privacy.accounting;

import java.util.List;
import java.util.function.DoubleUnaryOperator;

/**
 * The logarithm of {@code E exp(tilt * L)} of a sum L of privacy losses, the infinite ones left out, and its first two
 * derivatives: mean and variance of the losses where those of high loss are given more weight.
 */
record Cumulants(double log, double mean, double variance) {
    /** From here on doubles no longer tell the largest loss of a part from the others. */
    private static final double SPAN_MAX = 1e5;

    /** Losses that come {@code count} times over. */
    record Part(LossDots dots, double count) {}

    static Cumulants of(List<Part> parts, double tilt) {
        double log = 0;
        double mean = 0;
        double variance = 0;
        for (Part part : parts) {
            Cumulants one = of(part.dots(), tilt);
            log += part.count() * one.log;
            mean += part.count() * one.mean;
            variance += part.count() * one.variance;
        }
        return new Cumulants(log, mean, variance);
    }

    private static Cumulants of(LossDots dots, double tilt) {
        double shift = tilt * dots.losses[tilt > 0 ? dots.losses.length - 1 : 0];
        double sum = 0;
        double first = 0;
        double second = 0;
        for (int i = 0; i < dots.losses.length; i++) {
            double weight = dots.masses[i] * Math.exp(tilt * dots.losses[i] - shift);
            sum += weight;
            first += weight * dots.losses[i];
            second += weight * dots.losses[i] * dots.losses[i];
        }
        if (sum == 0) { // all of it underflows: no longer of interest
            return new Cumulants(Double.NEGATIVE_INFINITY, dots.losses[dots.losses.length - 1], 0);
        }
        double mean = first / sum;
        return new Cumulants(shift + Math.log(sum), mean, Math.max(0, second / sum - mean * mean));
    }

    /** The tilt at which Chernoff's bound says {@code logDelta} of the least epsilon. */
    static double tiltForDelta(List<Part> parts, double logDelta) {
        return tilt(parts, tilt -> {
            Cumulants at = of(parts, tilt);
            return tilt * at.mean - at.log + logDelta;
        });
    }

    /** The tilt at which the mean is {@code loss}; 0 if it is larger without one. */
    static double tiltForMean(List<Part> parts, double loss) {
        return tilt(parts, tilt -> of(parts, tilt).mean - loss);
    }

    private static double tilt(List<Part> parts, DoubleUnaryOperator rising) {
        if (rising.applyAsDouble(0) >= 0) {
            return 0;
        }
        double low = 0;
        double high = 1 / Math.sqrt(of(parts, 0).variance + 1e-300);
        while (rising.applyAsDouble(high) < 0) {
            low = high;
            high *= 2;
            if (high * span(parts) > SPAN_MAX) {
                return low;
            }
        }
        for (int i = 0; i < 20; i++) { // any tilt nearby will do
            double middle = (low + high) / 2;
            if (rising.applyAsDouble(middle) < 0) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static double span(List<Part> parts) {
        double widest = 0;
        for (Part part : parts) {
            double[] losses = part.dots().losses;
            widest = Math.max(widest, losses[losses.length - 1] - losses[0]);
        }
        return widest;
    }
}
