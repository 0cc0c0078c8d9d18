package dev.coppice.crypto.privacy;

import dev.coppice.crypto.privacy.accounting.DistributedNoise;
import dev.coppice.crypto.privacy.accounting.RdpAccountant;
import dev.coppice.protocol.round.Cohort;
import dev.coppice.protocol.round.Encoding;
import dev.coppice.protocol.round.NoiseSource;
import dev.coppice.protocol.round.Privacy;

/**
 * How much noise there is in a sum, whose it is, and what privacy that gives.
 *
 * <p><b>Guarantee.</b> Over {@code participations} rounds a device has ({@code epsilon}, {@code delta})-differential
 * privacy towards whoever sees the sums, all of its data together counting as one (adjacency: what it puts into the sums
 * becomes zeros). <b>Assumptions.</b> By {@code source}: each sum holds the noise of at least {@code honestMin} devices that
 * keep it to themselves; or that of the device itself; or the server adds its own, shows nobody a sum without it, and shows
 * each sum once. One upload a device and round; every participation is counted, those in aborted rounds too.
 *
 * @param source whose noise counts
 * @param noiseMultiplier effective z: standard deviation of the noise that counts in units of a device's largest
 *     influence on the sum; 0 where privacy is off
 * @param encoding with each device's {@code noiseSigma}, which is 0 where the server adds the noise
 * @param serverSigma parameter of the discrete Gaussian that the server adds to each sum, in integers; 0 where it adds none
 * @param epsilon of {@code participations} rounds like this one; infinite where privacy is off
 * @param delta that goes with it; 0 where privacy is off
 * @param participations rounds that a device may take part in; 0 where privacy is off
 * @param honestMin devices whose noise is sure to be in the sum, and counts; 1 where only one source does
 */
public record NoisePlan(
        NoiseSource source,
        double noiseMultiplier,
        EncodingParameters encoding,
        int serverSigma,
        double epsilon,
        double delta,
        int participations,
        int honestMin) {
    /** What two ways of adding the same numbers may differ by. */
    private static final double ROUNDING = 1e-9;

    /** Two are enough where the sampling is off by little. */
    private static final int STEPS_MAX = 50;

    /** The part of delta that is planned with, where tables' distance is to be paid for out of it. */
    private static final double DELTA_PLANNED = 0.999;

    /**
     * The least noise of all honest devices together that keeps {@code goal}, with a scale and a number of bits at which
     * honest devices cannot overflow.
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
        return calibrate(NoiseSource.HONEST_DEVICES, goal, cohort, updateDimension, clipping, rotationSeed);
    }

    /**
     * The same, whoever's noise counts.
     *
     * <p>With each device's own noise alone, the sum's is as many times larger in variance as there are devices in it: the
     * fallback where nobody else is trusted to add any, and the masks may fall. The server's is drawn from tables, whose
     * distance is paid for out of delta.
     */
    public static NoisePlan calibrate(
            NoiseSource source,
            PrivacyGoal goal,
            CohortBounds cohort,
            int updateDimension,
            Clipping clipping,
            byte[] rotationSeed)
            throws PrivacyRefusedException {
        boolean byServer = source == NoiseSource.SERVER;
        PrivacyGoal planned =
                byServer ? new PrivacyGoal(goal.epsilon(), goal.delta() * DELTA_PLANNED, goal.participations()) : goal;
        EncodingParameters noised =
                Calibration.encoding(source, planned, cohort, updateDimension, clipping, RotationSeed.of(rotationSeed));
        int serverSigma = byServer ? (int) noised.noiseSigma() : 0;
        EncodingParameters encoding = byServer ? Calibration.withServerNoise(noised, cohort) : noised;
        NoisePlan plan = of(source, encoding, serverSigma, goal, cohort);
        if (byServer && plan.epsilon == Double.POSITIVE_INFINITY) {
            throw new PrivacyRefusedException(
                    "At epsilon " + goal.epsilon() + " what the tables of the server's noise are"
                            + " off by leaves nothing of delta " + goal.delta()
                            + ": a smaller epsilon, a larger delta or distributed noise would help");
        }
        if (plan.epsilon > goal.epsilon()) {
            throw new IllegalStateException("Calibrated to " + plan.epsilon + ", above " + goal.epsilon());
        }
        return plan;
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
     * {@code isPrivate()}, {@code epsilon()} and {@code source()} are good enough is for the device to decide.
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
        NoiseSource source = privacy.getSource();
        int serverSigma = serverSigma(encoding, privacy);
        if (Calibration.bits(encoding, serverSigma, cohort.groupMax()) > encoding.bits()) {
            throw new PrivacyRefusedException("The sum of " + cohort.groupMax() + " devices may overflow");
        }
        if (encoding.noiseSigma() == 0 && serverSigma == 0) {
            if (privacy.getNoiseMultiplier() != 0 || source != NoiseSource.HONEST_DEVICES) {
                throw new PrivacyRefusedException("Terms that promise noise and add none");
            }
            return off(encoding, cohort.honestMin());
        }
        PrivacyGoal goal = new PrivacyGoal(privacy.getEpsilonMax(), privacy.getDelta(), privacy.getParticipationsMax());
        NoisePlan plan = of(source, encoding, serverSigma, goal, cohort);
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

    /** Of the server's noise; there is some exactly where it is what counts, and then devices add none. */
    private static int serverSigma(EncodingParameters encoding, Privacy privacy) throws PrivacyRefusedException {
        double sigma = privacy.getServerSigma();
        boolean byServer = privacy.getSource() == NoiseSource.SERVER;
        if (byServer != (sigma != 0) || (byServer && encoding.noiseSigma() != 0)) {
            throw new PrivacyRefusedException("Terms that do not say whose noise counts");
        }
        if (byServer && !EncodingParameters.isSigma(sigma)) {
            throw new PrivacyRefusedException("Not possible as the server's noise: " + sigma);
        }
        return (int) sigma;
    }

    /**
     * Epsilon of all participations at the plan's delta if the noise that counts is drawn by {@code sampling}: what that is
     * off by is taken out of delta first. Infinite where it leaves nothing of delta, or privacy is off.
     */
    public double epsilon(GaussianSampling sampling) {
        double samples = (double) encoding.paddedDimension() * honestMin * participations;
        double candidate = isPrivate() ? epsilon(delta) : epsilon;
        for (int step = 0; isPrivate() && step < STEPS_MAX; step++) {
            double left = delta - sampling.delta(sigma(), samples, candidate);
            if (!(left > 0)) {
                break;
            }
            double needed = epsilon(left);
            if (needed <= candidate) {
                return candidate;
            }
            candidate = needed * (1 + ROUNDING); // so that it is reached
        }
        return Double.POSITIVE_INFINITY;
    }

    private double epsilon(double ofDelta) {
        return RdpAccountant.distributedGaussian(noise(encoding, serverSigma, honestMin))
                .times(participations)
                .epsilon(ofDelta);
    }

    /** Of each source of the noise that counts. */
    int sigma() {
        return serverSigma > 0 ? serverSigma : (int) encoding.noiseSigma();
    }

    private static NoisePlan of(
            NoiseSource source, EncodingParameters encoding, int serverSigma, PrivacyGoal goal, CohortBounds cohort) {
        int noisy = source == NoiseSource.HONEST_DEVICES ? cohort.honestMin() : 1;
        double multiplier = noise(encoding, serverSigma, noisy).noiseMultiplier();
        NoisePlan open =
                new NoisePlan(source, multiplier, encoding, serverSigma, 0, goal.delta(), goal.participations(), noisy);
        double epsilon = serverSigma > 0 ? open.epsilon(GaussianSampling.CONSTANT_TIME) : open.epsilon(goal.delta());
        return new NoisePlan(
                source, multiplier, encoding, serverSigma, epsilon, goal.delta(), goal.participations(), noisy);
    }

    private static DistributedNoise noise(EncodingParameters encoding, int serverSigma, int noisy) {
        double sigma = serverSigma > 0 ? serverSigma : encoding.noiseSigma();
        return new DistributedNoise(Calibration.sensitivity(encoding), encoding.paddedDimension(), noisy, sigma);
    }

    private static NoisePlan off(EncodingParameters encoding, int honestMin) {
        return new NoisePlan(NoiseSource.HONEST_DEVICES, 0, encoding, 0, Double.POSITIVE_INFINITY, 0, 0, honestMin);
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
                .setSource(source)
                .setServerSigma(serverSigma)
                .build();
    }
}
