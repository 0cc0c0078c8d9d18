package dev.coppice.crypto.privacy;

/** How Gaussian noise is drawn; no floating point in either. */
public enum GaussianSampling {
    /**
     * Exactly, by rejection. How long it takes depends on the noise, so that who can time it closely learns about the
     * noise: for a device that draws its own.
     */
    EXACT,

    /**
     * From tables, by the same instructions and at the same addresses whatever comes out: where others may be watching,
     * as on a server. Off the distribution by less than 2^-80 a sample, which {@link #delta} charges.
     */
    CONSTANT_TIME;

    /**
     * The sampler for one sigma; tables take some milliseconds to make.
     *
     * @param sigma 1 to 2^20
     */
    public IntegerGaussian of(int sigma) {
        return switch (this) {
            case EXACT -> new DiscreteGaussian(sigma);
            case CONSTANT_TIME -> new TableGaussian(sigma);
        };
    }

    /**
     * What is to be added to delta, because the noise is only nearly that of the account: a mechanism within {@code d} of
     * an (epsilon, delta)-private one in total variation is (epsilon, delta + (1 + exp(epsilon)) d)-private.
     *
     * @param sigma of each sample
     * @param samples of all devices and rounds together that the account relies on
     */
    public double delta(int sigma, double samples, double epsilon) {
        return (1 + Math.exp(epsilon)) * samples * of(sigma).distance();
    }

    /** What is to be added to the plan's delta if the noise that counts is drawn so. */
    public double delta(NoisePlan plan) {
        double samples = (double) plan.encoding().paddedDimension() * plan.honestMin() * plan.participations();
        return plan.isPrivate() ? delta(plan.sigma(), samples, plan.epsilon()) : 0;
    }
}
