package dev.coppice.crypto.privacy.accounting;

import java.util.List;

/**
 * The privacy loss of a release whose noise is shifted by a person's influence: with the person, its density is a mixture
 * of shifts of the noise by 0 and more, without it that of the noise.
 *
 * @param shifts 0 and more, the last one the largest and above 0
 * @param weights of each shift, together 1
 */
record ShiftedLoss(NoiseShape noise, List<Double> shifts, List<Double> weights) implements LossModel {
    private static final int NEWTON_MAX = 60;

    /** A person that is in the sample with probability {@code rate} and then has the influence 1. */
    static ShiftedLoss sampled(NoiseShape noise, double rate) {
        return rate == 1
                ? new ShiftedLoss(noise, List.of(1.0), List.of(1.0))
                : new ShiftedLoss(noise, List.of(0.0, 1.0), List.of(1 - rate, rate));
    }

    @Override
    public boolean isSymmetric() {
        return shifts.size() == 1;
    }

    private double largestShift() {
        return shifts.get(shifts.size() - 1);
    }

    @Override
    public double loss(double x) {
        if (shifts.size() == 1) {
            return noise.logRatio(x, shifts.get(0));
        }
        if (isSample()) {
            return LossModel.logSampled(noise.logRatio(x, shifts.get(1)), weights.get(1));
        }
        LogSum sum = new LogSum();
        for (int i = 0; i < shifts.size(); i++) {
            sum.add(Math.log(weights.get(i)) + noise.logRatio(x, shifts.get(i)));
        }
        return sum.log();
    }

    private boolean isSample() {
        return shifts.size() == 2 && shifts.get(0) == 0;
    }

    @Override
    public double place(double loss) {
        if (shifts.size() == 1) {
            return noise.place(loss, shifts.get(0));
        }
        if (isSample()) {
            double rate = weights.get(1);
            double excess = Math.expm1(loss) / rate; // the ratio less 1
            if (excess <= -1) {
                return Double.NEGATIVE_INFINITY;
            }
            double logRatio = loss > LARGE ? loss - Math.log(rate) : Math.log1p(excess);
            return noise.place(logRatio, shifts.get(1));
        }
        return searched(loss);
    }

    /** Newton's method from above, which cannot overshoot: the loss is convex. */
    private double searched(double loss) {
        if (loss(from()) > loss) {
            return Double.NEGATIVE_INFINITY;
        }
        int last = shifts.size() - 1;
        double x = Math.min(to(), noise.place(loss - Math.log(weights.get(last)), shifts.get(last)));
        for (int i = 0; i < NEWTON_MAX; i++) {
            double least = x;
            double over = loss(x) - loss;
            x = Math.max(from(), x - over / slope(x));
            if (over <= 1e-12 || x >= least) {
                break;
            }
        }
        return x;
    }

    private double slope(double x) {
        double step = 1e-7 * (to() - from());
        return (loss(x + step) - loss(x)) / step;
    }

    @Override
    public double from() {
        return -noise.reach();
    }

    @Override
    public double to() {
        return largestShift() + noise.reach();
    }

    @Override
    public Parts parts(double[] places) {
        double[] without = noise.between(places, 0);
        double[] with = new double[without.length];
        for (int k = 0; k < shifts.size(); k++) {
            double weight = weights.get(k);
            double shift = shifts.get(k);
            double[] part = shift == 0 ? without : noise.between(places, shift);
            for (int i = 0; i < with.length; i++) {
                with[i] += weight * part[i];
            }
        }
        return new Parts(with, without);
    }

    @Override
    public double[] fewPlaces(int fineness) {
        return noise.fewPlaces(largestShift(), fineness);
    }
}
