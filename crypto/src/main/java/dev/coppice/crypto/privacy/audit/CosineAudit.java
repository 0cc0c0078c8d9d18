package dev.coppice.crypto.privacy.audit;

import dev.coppice.crypto.privacy.accounting.AnalyticGaussian;
import dev.coppice.crypto.privacy.accounting.EventNotSupportedException;
import dev.coppice.crypto.privacy.accounting.PrivacyEvent;

/**
 * How far a release's cosines with canaries that are in it lie from those with canaries that are not: Andrew et al. 2023,
 * "One-shot Empirical Privacy Estimation for Federated Learning" (arXiv 2302.03098, algorithms 1 and 2). Canaries are
 * random directions, so that in many dimensions their cosines with anything else are Gaussian; whoever must tell two
 * Gaussians a distance {@code mu} apart, in standard deviations, faces a Gaussian mechanism of noise {@code 1 / mu}.
 *
 * <p>Here both kinds are taken to spread alike, as additive noise spreads them, and the bound is exact for that model: the
 * statistic of two samples of Gaussians has a noncentral t distribution. It needs a few dozen canaries where
 * {@link OneRunAudit} needs thousands, but holds for mechanisms that add noise only.
 *
 * @param inserted cosines with canaries that are in what was released
 * @param heldOut cosines with canaries that are not
 */
public record CosineAudit(Sample inserted, Sample heldOut) {
    private static final double SEPARATION_MAX = 1e4;
    private static final int HALVINGS = 60;

    public CosineAudit {
        if (inserted.count() + heldOut.count() < 3) {
            throw new IllegalArgumentException("Too few cosines to know how they spread");
        }
    }

    /**
     * Numbers of one kind.
     *
     * @param count at least 1
     * @param mean of them
     * @param squares sum of the squares of their distances from the mean, 0 or more
     */
    public record Sample(int count, double mean, double squares) {
        public Sample {
            if (count < 1 || !(squares >= 0) || !Double.isFinite(mean)) {
                throw new IllegalArgumentException("No sample: " + count + ", " + mean + ", " + squares);
            }
        }

        public static Sample of(double[] values) {
            double sum = 0;
            for (double value : values) {
                sum += value;
            }
            double mean = sum / values.length;
            double squares = 0;
            for (double value : values) {
                squares += (value - mean) * (value - mean);
            }
            return new Sample(values.length, mean, squares);
        }
    }

    /** How many standard deviations the means are apart; infinite where nothing spreads. */
    public double separation() {
        double apart = inserted.mean - heldOut.mean;
        double deviation = Math.sqrt((inserted.squares + heldOut.squares) / degrees());
        return apart == 0 ? 0 : apart / deviation;
    }

    /**
     * The least separation, 0 or more, that explains what was seen.
     *
     * @param confidence above 0, below 1
     */
    public double separationLowerBound(double confidence) {
        double chance = Confidence.chance(confidence);
        double unit = Math.sqrt(1.0 / inserted.count + 1.0 / heldOut.count);
        double statistic = separation() / unit;
        NoncentralT distribution = new NoncentralT(degrees());
        if (distribution.above(statistic, 0) >= chance) {
            return 0;
        }
        double low = 0;
        double high = SEPARATION_MAX / unit;
        for (int i = 0; i < HALVINGS && low < high; i++) {
            double middle = (low + high) / 2;
            if (distribution.above(statistic, middle) < chance) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return low * unit;
    }

    /**
     * The likeliest epsilon; wrong either way.
     *
     * @param delta above 0, below 1
     */
    public double epsilon(double delta) {
        return epsilon(Math.max(0, separation()), delta);
    }

    /**
     * The epsilon below which no Gaussian mechanism explains what was seen.
     *
     * @param delta above 0, below 1
     * @param confidence above 0, below 1: a private mechanism is refuted with probability at most {@code 1 - confidence}
     */
    public double epsilonLowerBound(double delta, double confidence) {
        return epsilon(separationLowerBound(confidence), delta);
    }

    private static double epsilon(double separation, double delta) {
        if (separation == 0) {
            return 0;
        }
        try {
            return AnalyticGaussian.usual().epsilon(new PrivacyEvent.Gaussian(1 / separation), delta);
        } catch (EventNotSupportedException e) {
            throw new IllegalStateException("It is an account of this event alone", e);
        }
    }

    private int degrees() {
        return inserted.count + heldOut.count - 2;
    }
}
