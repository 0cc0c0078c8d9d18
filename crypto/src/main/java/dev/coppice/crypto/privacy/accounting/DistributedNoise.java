package dev.coppice.crypto.privacy.accounting;

/**
 * The noise of a sum to which several devices add a discrete Gaussian each.
 *
 * @param sensitivity largest L2 norm of a device's integer vector, above 0
 * @param dimension of that vector, at least 1
 * @param honest devices whose noise is in the sum and unknown to who looks at it, at least 1; the device whose privacy is
 *     in question is one of them
 * @param sigma of each device's noise, above 0
 */
public record DistributedNoise(double sensitivity, int dimension, int honest, double sigma) {
    public DistributedNoise {
        if (!(sensitivity > 0 && sigma > 0) || dimension < 1 || honest < 1) {
            throw new IllegalArgumentException("Not possible as noise of a sum: sensitivity " + sensitivity
                    + ", dimension " + dimension + ", honest devices " + honest + ", sigma " + sigma);
        }
    }

    /** Standard deviation of the honest devices' noise, or a little more: {@code sqrt(honest) * sigma}. */
    public double deviation() {
        return Math.sqrt(honest) * sigma;
    }

    /** Largest L1 norm of a device's vector: that of integers is at most the square of their L2 norm. */
    double sensitivityL1() {
        return Math.min(Math.sqrt(dimension) * sensitivity, sensitivity * sensitivity);
    }

    /**
     * How far, in the logarithm of a probability, each coordinate's sum is from one discrete Gaussian: {@code 10 * sum
     * exp(-2 pi^2 sigma^2 k / (k + 1))} for k from 1 to below {@code honest} (Kairouz, Liu and Steinke 2021).
     */
    double distanceToGaussian() {
        double sum = 0;
        for (int k = 1; k < honest; k++) {
            double term = Math.exp(-2 * Math.PI * Math.PI * sigma * sigma * k / (k + 1));
            if (term == 0) {
                break; // and all that follow are smaller
            }
            sum += term;
        }
        return 10 * sum;
    }

    /**
     * The z whose continuous Gaussian reveals at least as much at every order: one number that says all, and that a
     * ledger can keep.
     */
    public double noiseMultiplier() {
        return 1 / (sensitivity / deviation() + Math.sqrt(dimension) * distanceToGaussian());
    }
}
