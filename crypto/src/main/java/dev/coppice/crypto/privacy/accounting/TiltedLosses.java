package dev.coppice.crypto.privacy.accounting;

/**
 * A sum of privacy losses on evenly spaced dots, each mass times {@code exp(tilt * loss)} and scaled to 1 in all: where
 * the tilt makes large losses likely, even a delta of 1e-15 is told with all its digits.
 */
final class TiltedLosses {
    private final double tilt;
    private final double logScale;
    private final double first;
    private final double step;
    private final double[] tilted;
    private final double outside;

    /**
     * @param logScale logarithm of what the masses were divided by
     * @param first loss of the first dot
     * @param step between dots
     * @param tilted masses of the dots; becomes this object's
     * @param outside delta that is added for losses that are infinite, or beyond the last dot
     */
    TiltedLosses(double tilt, double logScale, double first, double step, double[] tilted, double outside) {
        this.tilt = tilt;
        this.logScale = logScale;
        this.first = first;
        this.step = step;
        this.tilted = tilted;
        this.outside = outside;
    }

    double first() {
        return first;
    }

    private double loss(int index) {
        return first + index * step;
    }

    /** The delta that goes with {@code epsilon}. */
    double delta(double epsilon) {
        double sum = 0;
        for (int i = tilted.length - 1; i >= 0 && loss(i) > epsilon; i--) {
            double over = loss(i) - epsilon;
            sum += tilted[i] * Math.exp(-tilt * over) * -Math.expm1(-over);
        }
        return Math.min(1, outside + sum * Math.exp(logScale - tilt * epsilon));
    }

    /** The least epsilon, 0 or more, that goes with {@code delta}; below {@link #first} if it is not among the dots. */
    double epsilon(double delta) {
        if (!(delta > outside)) {
            return Double.POSITIVE_INFINITY;
        }
        double logTarget = Math.log(delta - outside) - logScale;
        double fading = Math.exp(-tilt * step);
        double fadingWithout = Math.exp(-(tilt + 1) * step);
        double with = 0; // what the losses from here on add, in units of what a loss of this size does
        double without = 0;
        for (int i = tilted.length - 1; i > 0; i--) {
            with = tilted[i] + fading * with;
            without = tilted[i] + fadingWithout * without;
            double target = Math.exp(logTarget + tilt * loss(i));
            if (with - without * Math.exp(-step) >= target) {
                return Math.max(0, loss(i) + Math.log((with - target) / without));
            }
        }
        return first - step;
    }
}
