package dev.coppice.crypto.privacy;

import dev.coppice.crypto.privacy.accounting.DistributedNoise;
import dev.coppice.crypto.privacy.accounting.RdpAccountant;
import dev.coppice.protocol.round.Cohort;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.protocol.round.Privacy;

/**
 * How much noise each device of a cohort adds, and what privacy that gives.
 *
 * <p><b>Guarantee.</b> Over {@code participations} rounds a device has ({@code epsilon}, {@code delta})-differential
 * privacy towards whoever sees the sums, all of its data together counting as one (adjacency: what it puts into the sums
 * becomes zeros).
 * <b>Assumptions.</b> Each sum holds the noise of at least {@code honestMin} devices that keep it to themselves; one
 * upload a device and round; every participation is counted, those in aborted rounds too.
 *
 * @param noiseMultiplier effective z: standard deviation of the honest devices' noise in units of a device's largest
 *     influence on the sum; 0 where privacy is off
 * @param encoding with each device's {@code noiseSigma}
 * @param epsilon of {@code participations} rounds like this one; infinite where privacy is off
 * @param delta that goes with it; 0 where privacy is off
 * @param participations rounds that a device may take part in; 0 where privacy is off
 * @param honestMin devices whose noise is sure to be in the sum
 */
public record NoisePlan(
        double noiseMultiplier,
        EncodingParameters encoding,
        double epsilon,
        double delta,
        int participations,
        int honestMin) {
    /** What two ways of adding the same numbers may differ by. */
    private static final double ROUNDING = 1e-9;

    /** Two are enough where the sampling is off by little. */
    private static final int STEPS_MAX = 50;

    /**
     * The least noise that keeps {@code goal}, with a scale and a number of bits at which honest devices cannot overflow.
     *
     * @param rotationSeed 32 public bytes
     * @throws PrivacyRefusedException if no permitted encoding keeps it, with the reason
     * @throws IllegalArgumentException if the dimension, the clip norm or the seed is out of range
     */
    public static NoisePlan calibrate(
            PrivacyGoal goal, CohortBounds cohort, int dimension, double clipNorm, byte[] rotationSeed)
            throws PrivacyRefusedException {
        return calibrate(goal, cohort, dimension, new Clipping.Fixed(clipNorm), rotationSeed);
    }

    /**
     * The same, whatever the clipping: an adaptive one pays for what it learns out of the same goal.
     *
     * @param updateDimension values in an update
     */
    public static NoisePlan calibrate(
            PrivacyGoal goal, CohortBounds cohort, int updateDimension, Clipping clipping, byte[] rotationSeed)
            throws PrivacyRefusedException {
        EncodingParameters encoding =
                Calibration.encoding(goal, cohort, updateDimension, clipping, RotationSeed.of(rotationSeed));
        NoisePlan plan = of(encoding, goal.delta(), goal.participations(), cohort.honestMin());
        if (plan.epsilon > goal.epsilon()) {
            throw new IllegalStateException("Calibrated to " + plan.epsilon + ", above " + goal.epsilon());
        }
        return plan;
    }

    /**
     * Local differential privacy, the fallback where nobody is trusted to add noise: each device adds what keeps the goal
     * alone, whatever others do and even if its masks fall. The price is the sum's noise, as many times larger in variance
     * as there are devices in it. A device that verifies the terms reckons with the honest ones of the cohort all the
     * same, and so charges its ledger less than this claims.
     *
     * @throws PrivacyRefusedException if no permitted encoding keeps it, with the reason
     */
    public static NoisePlan local(
            PrivacyGoal goal, CohortBounds cohort, int dimension, double clipNorm, byte[] rotationSeed)
            throws PrivacyRefusedException {
        EncodingParameters encoding = Calibration.encoding(
                goal, cohort, 1, dimension, new Clipping.Fixed(clipNorm), RotationSeed.of(rotationSeed));
        return of(encoding, goal.delta(), goal.participations(), 1);
    }

    /**
     * No noise: updates are clipped, scaled and masked alone. Promises no differential privacy.
     *
     * @throws PrivacyRefusedException if the sum of so many devices does not fit into 32 bits
     */
    public static NoisePlan off(CohortBounds cohort, int dimension, double clipNorm, byte[] rotationSeed)
            throws PrivacyRefusedException {
        return off(cohort, dimension, new Clipping.Fixed(clipNorm), rotationSeed);
    }

    /** The same, whatever the clipping. */
    public static NoisePlan off(CohortBounds cohort, int updateDimension, Clipping clipping, byte[] rotationSeed)
            throws PrivacyRefusedException {
        return off(
                Calibration.withoutNoise(cohort, updateDimension, clipping, RotationSeed.of(rotationSeed)),
                cohort.honestMin());
    }

    /**
     * The plan that a round's terms amount to, recomputed and not believed: for a device, before it takes part. Whether
     * {@code isPrivate()} and {@code epsilon()} are good enough is for the device to decide.
     *
     * @throws PrivacyRefusedException if a field is out of range, the noise gives less than {@code privacy} promises, or
     *     an honest cohort's sum could overflow
     */
    public static NoisePlan verify(Encoding encoding, Privacy privacy, Cohort cohort) throws PrivacyRefusedException {
        try {
            return verified(EncodingParameters.of(encoding), privacy, CohortBounds.of(cohort));
        } catch (IllegalArgumentException e) {
            throw new PrivacyRefusedException("A round with impossible terms: " + e.getMessage());
        }
    }

    private static NoisePlan verified(EncodingParameters encoding, Privacy privacy, CohortBounds cohort)
            throws PrivacyRefusedException {
        if (Calibration.bits(encoding, cohort.groupMax()) > encoding.bits()) {
            throw new PrivacyRefusedException("The sum of " + cohort.groupMax() + " devices may overflow");
        }
        if (encoding.noiseSigma() == 0) {
            if (privacy.getNoiseMultiplier() != 0) {
                throw new PrivacyRefusedException("Terms that promise noise and add none");
            }
            return off(encoding, cohort.honestMin());
        }
        PrivacyGoal goal = new PrivacyGoal(privacy.getEpsilonMax(), privacy.getDelta(), privacy.getParticipationsMax());
        NoisePlan plan = of(encoding, goal.delta(), goal.participations(), cohort.honestMin());
        if (plan.epsilon > goal.epsilon() * (1 + ROUNDING)) {
            throw new PrivacyRefusedException(
                    "Terms that promise epsilon " + goal.epsilon() + " and give " + plan.epsilon);
        }
        if (!(privacy.getNoiseMultiplier() <= plan.noiseMultiplier * (1 + ROUNDING))) {
            throw new PrivacyRefusedException("Terms that promise a noise multiplier of " + privacy.getNoiseMultiplier()
                    + " and give " + plan.noiseMultiplier);
        }
        return plan;
    }

    /**
     * Epsilon of all participations at the plan's delta if devices draw their noise by {@code sampling}: what that is off
     * by is taken out of delta first. Infinite where it leaves nothing of delta, or privacy is off.
     */
    public double epsilon(GaussianSampling sampling) {
        double samples = (double) encoding.paddedDimension() * honestMin * participations;
        double candidate = epsilon;
        for (int step = 0; isPrivate() && step < STEPS_MAX; step++) {
            double left = delta - sampling.delta((int) encoding.noiseSigma(), samples, candidate);
            if (!(left > 0)) {
                break;
            }
            double needed = of(encoding, left, participations, honestMin).epsilon;
            if (needed <= candidate) {
                return candidate;
            }
            candidate = needed * (1 + ROUNDING); // so that it is reached
        }
        return Double.POSITIVE_INFINITY;
    }

    private static NoisePlan of(EncodingParameters encoding, double delta, int participations, int honestMin) {
        DistributedNoise noise = new DistributedNoise(
                Calibration.sensitivity(encoding), encoding.paddedDimension(), honestMin, encoding.noiseSigma());
        double epsilon =
                RdpAccountant.distributedGaussian(noise).times(participations).epsilon(delta);
        return new NoisePlan(noise.noiseMultiplier(), encoding, epsilon, delta, participations, honestMin);
    }

    private static NoisePlan off(EncodingParameters encoding, int honestMin) {
        return new NoisePlan(0, encoding, Double.POSITIVE_INFINITY, 0, 0, honestMin);
    }

    /** Whether there is noise. */
    public boolean isPrivate() {
        return noiseMultiplier > 0;
    }

    public Privacy toMessage() {
        return Privacy.newBuilder()
                .setNoiseMultiplier(noiseMultiplier)
                .setEpsilonMax(isPrivate() ? epsilon : 0)
                .setDelta(delta)
                .setParticipationsMax(participations)
                .build();
    }
}
