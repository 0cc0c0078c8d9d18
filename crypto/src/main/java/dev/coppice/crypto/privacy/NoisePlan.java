package dev.coppice.crypto.privacy;

import dev.coppice.protocol.round.Cohort;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.protocol.round.Privacy;

/**
 * How much noise each device of a cohort adds, and what privacy that gives.
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
    /**
     * The least noise that keeps {@code goal}, with a scale and a number of bits at which honest devices cannot overflow.
     *
     * @param rotationSeed 32 public bytes
     * @throws PrivacyRefusedException if no permitted encoding keeps it, with the reason
     */
    public static NoisePlan calibrate(
            PrivacyGoal goal, CohortBounds cohort, int dimension, double clipNorm, byte[] rotationSeed)
            throws PrivacyRefusedException {
        throw new UnsupportedOperationException("coming");
    }

    /** No noise: clips, scales and masks alone. Promises no differential privacy. */
    public static NoisePlan off(CohortBounds cohort, int dimension, double clipNorm, byte[] rotationSeed)
            throws PrivacyRefusedException {
        throw new UnsupportedOperationException("coming");
    }

    /**
     * The plan that a round's terms amount to, recomputed and not believed: for a device, before it takes part.
     *
     * @throws PrivacyRefusedException if a field is out of range, the noise gives less than {@code privacy} promises, or
     *     the cohort's sum could overflow
     */
    public static NoisePlan verify(Encoding encoding, Privacy privacy, Cohort cohort) throws PrivacyRefusedException {
        throw new UnsupportedOperationException("coming");
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
