package dev.coppice.crypto.privacy;

import dev.coppice.crypto.privacy.accounting.RdpAccountant;
import dev.coppice.protocol.round.NoiseSource;
import java.util.function.DoublePredicate;

/** Finds noise, scale and bits of an encoding. */
final class Calibration {
    /** Smallest scaled clip norm in units of sqrt(dimension): at 8, rounding adds 0.3 % to the sensitivity. */
    private static final double NORM_MIN_PER_ROOT = 8;

    /** The same where there is no noise, so that rounding alone blurs an update, by less than 1 %. */
    private static final double NORM_WITHOUT_NOISE_PER_ROOT = 64;

    private static final double SCALED_NORM_MAX = 1 << 30;

    /** The sum's noise is kept within so many of its standard deviations: it leaves them once in 10^31 values. */
    private static final double HEADROOM_DEVIATIONS = 12;

    private static final double MULTIPLIER_MIN = 1e-3;
    private static final double MULTIPLIER_MAX = 1e6;

    /** A ledger that adds the same numbers in another order stays below the goal too. */
    private static final double SLACK = 1e-9;

    private Calibration() {}

    /** With the noise of each source that counts. */
    static EncodingParameters encoding(
            NoiseSource source,
            PrivacyGoal goal,
            CohortBounds cohort,
            int updateDimension,
            Clipping clipping,
            RotationSeed seed)
            throws PrivacyRefusedException {
        int noisy = source == NoiseSource.HONEST_DEVICES ? cohort.honestMin() : 1;
        if (noisy < 1) {
            throw new PrivacyRefusedException(
                    "A group may hold no device whose noise is sure: larger groups or lower bounds would help");
        }
        double multiplier = noiseMultiplier(goal);
        double ofSum = source == NoiseSource.OWN_DEVICE
                ? multiplier * Math.sqrt(cohort.survivorsMin(cohort.sizeMin()))
                : multiplier;
        double indicator = clipping.indicator(ofSum, cohort);
        int dimension = updateDimension + (indicator > 0 ? 1 : 0);
        int padded = EncodingParameters.padded(dimension);
        double perDevice = multiplier / Math.sqrt(noisy);
        double least = perDevice * ConditionalRounding.normBound(NORM_MIN_PER_ROOT * Math.sqrt(padded), padded);
        double sigma = Math.max(EncodingParameters.SIGMA_MIN, Math.ceil(least));
        if (sigma > EncodingParameters.SIGMA_MAX) {
            throw new PrivacyRefusedException("Epsilon " + goal.epsilon() + " needs more noise than a device may add: "
                    + "a larger cohort or fewer participations would help");
        }
        double norm = largest(
                1, SCALED_NORM_MAX, candidate -> perDevice * ConditionalRounding.normBound(candidate, padded) <= sigma);
        return fitted(scaled(dimension, clipping, norm, seed, sigma, indicator), 0, cohort);
    }

    /** The same where the noise is the server's: devices add none, and bits are those of one such noise in a sum. */
    static EncodingParameters withServerNoise(EncodingParameters noised, CohortBounds cohort)
            throws PrivacyRefusedException {
        EncodingParameters exact = new EncodingParameters(
                noised.dimension(),
                noised.clipNorm(),
                noised.scale(),
                noised.bits(),
                noised.rotationSeed(),
                0,
                noised.indicator());
        return fitted(exact, (int) noised.noiseSigma(), cohort);
    }

    static EncodingParameters withoutNoise(
            CohortBounds cohort, int updateDimension, Clipping clipping, RotationSeed seed)
            throws PrivacyRefusedException {
        double indicator = clipping.indicator(0, cohort);
        int dimension = updateDimension + (indicator > 0 ? 1 : 0);
        double norm = NORM_WITHOUT_NOISE_PER_ROOT * Math.sqrt(EncodingParameters.padded(dimension));
        return fitted(scaled(dimension, clipping, norm, seed, 0, indicator), 0, cohort);
    }

    /** @param norm of what is rounded, in integers */
    private static EncodingParameters scaled(
            int dimension, Clipping clipping, double norm, RotationSeed seed, double sigma, double indicator) {
        double scale = norm / Math.hypot(clipping.norm(), indicator);
        return new EncodingParameters(dimension, clipping.norm(), scale, 32, seed, sigma, indicator);
    }

    private static EncodingParameters fitted(EncodingParameters encoding, int serverSigma, CohortBounds cohort)
            throws PrivacyRefusedException {
        int bits = bits(encoding, serverSigma, cohort.groupMax());
        if (bits > 32) {
            throw new PrivacyRefusedException(
                    "The sum of " + cohort.groupMax() + " devices needs " + bits + " bits a value; there are 32");
        }
        return new EncodingParameters(
                encoding.dimension(),
                encoding.clipNorm(),
                encoding.scale(),
                bits,
                encoding.rotationSeed(),
                encoding.noiseSigma(),
                encoding.indicator());
    }

    /** Largest norm of an honest device's integers. */
    static double sensitivity(EncodingParameters encoding) {
        return ConditionalRounding.normBound(encoding.scale() * encoding.norm(), encoding.paddedDimension());
    }

    /**
     * The fewest bits, 8 or more, that hold any sum of {@code devices} honest vectors, even of equal, one-sided ones, with
     * the server's noise.
     */
    static int bits(EncodingParameters encoding, int serverSigma, int devices) {
        double noise = Math.hypot(Math.sqrt(devices) * encoding.noiseSigma(), serverSigma);
        double largest = devices * sensitivity(encoding) + HEADROOM_DEVIATIONS * noise;
        int bits = 8;
        while (largest >= Math.scalb(1.0, bits - 1)) {
            bits++;
        }
        return bits;
    }

    /** The least z that keeps the goal. */
    static double noiseMultiplier(PrivacyGoal goal) throws PrivacyRefusedException {
        DoublePredicate tooLittle =
                z -> RdpAccountant.epsilon(z, goal.participations(), goal.delta()) > goal.epsilon() * (1 - SLACK);
        if (tooLittle.test(MULTIPLIER_MAX)) {
            throw new PrivacyRefusedException("No noise gives epsilon " + goal.epsilon() + " at delta " + goal.delta());
        }
        return Math.nextUp(largest(MULTIPLIER_MIN, MULTIPLIER_MAX, tooLittle));
    }

    /** The largest value from {@code low} to {@code high} of which {@code holds}, which holds below some limit only. */
    private static double largest(double low, double high, DoublePredicate holds) {
        double yes = low;
        double no = high;
        while (Math.nextUp(yes) < no) {
            double middle = (yes + no) / 2;
            if (middle <= yes || middle >= no) {
                break;
            }
            if (holds.test(middle)) {
                yes = middle;
            } else {
                no = middle;
            }
        }
        return yes;
    }
}
