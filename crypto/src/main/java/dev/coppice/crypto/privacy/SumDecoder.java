package dev.coppice.crypto.privacy;

/** Turns the sum of encoded updates back into the sum of the updates. Keeps no memory of them; for any threads. */
public final class SumDecoder {
    /** The norm of a Gaussian vector is above the root of its dimension by more than this once in 10^31. */
    private static final double NOISE_DEVIATIONS = 12;

    /** Of a value that is rounded up or down by chance. */
    private static final double ROUNDING_VARIANCE_MAX = 0.25;

    private final EncodingParameters parameters;
    private final Rotation rotation;

    public SumDecoder(EncodingParameters parameters) {
        this.parameters = parameters;
        rotation = new Rotation(parameters.rotationSeed(), parameters.paddedDimension());
    }

    /**
     * The sum in the updates' own units.
     *
     * @param sum {@code paddedDimension} sums mod 2^bits, left as they are; bits above those are ignored
     * @return a new array of {@code updateDimension} values: the sum (not the mean) of the clipped updates, and its noise
     * @throws IllegalArgumentException if the length is another
     */
    public float[] decode(int[] sum) {
        double[] values = values(sum);
        float[] decoded = new float[parameters.updateDimension()];
        for (int i = 0; i < decoded.length; i++) {
            decoded[i] = (float) (values[i] / parameters.scale());
        }
        return decoded;
    }

    /**
     * The part of the devices whose update was within the clip norm, with noise: it may leave 0 to 1.
     *
     * @param sum as above
     * @param devices that are in the sum
     * @throws IllegalStateException if devices were not asked to tell
     */
    public double partWithinClipNorm(int[] sum, int devices) {
        if (!parameters.hasIndicator()) {
            throw new IllegalStateException("This sum holds no indicator");
        }
        double indicators = values(sum)[parameters.dimension() - 1] / (parameters.scale() * parameters.indicator());
        return (1 + indicators / devices) / 2;
    }

    /**
     * Whether honest devices could have made this sum: its norm is not above all their largest ones and what their noise
     * adds. False for an honest sum once in 10^30. A bad device that stays below is not seen: it can do as much as all of
     * {@code devices} together could.
     *
     * @param sum as above
     * @param devices that are in the sum
     */
    public boolean isPlausible(int[] sum, int devices) {
        double squares = 0;
        for (double value : centred(sum)) { // turning back leaves the norm as it is
            squares += value * value;
        }
        double noise = parameters.noiseSigma() * Math.sqrt(devices);
        double most = devices * Calibration.sensitivity(parameters)
                + noise * (Math.sqrt(parameters.paddedDimension()) + NOISE_DEVIATIONS);
        return squares <= most * most;
    }

    /**
     * The standard deviation of the noise in each value of a decoded sum, what rounding adds included.
     *
     * @param devices that are in the sum
     * @param serverSigma of the noise that the server added, in integers; 0 if it added none
     */
    public double noise(int devices, double serverSigma) {
        double each = parameters.noiseSigma() * parameters.noiseSigma() + ROUNDING_VARIANCE_MAX;
        return Math.sqrt(devices * each + serverSigma * serverSigma) / parameters.scale();
    }

    /** Values in an update. */
    public int updateDimension() {
        return parameters.updateDimension();
    }

    private double[] values(int[] sum) {
        double[] values = centred(sum);
        rotation.undo(values);
        return values;
    }

    /** As integers of either sign, still rotated. */
    private double[] centred(int[] sum) {
        if (sum.length != parameters.paddedDimension()) {
            throw new IllegalArgumentException(
                    "A sum has " + parameters.paddedDimension() + " values here, not " + sum.length);
        }
        double[] values = new double[sum.length];
        int unused = 32 - parameters.bits();
        for (int i = 0; i < sum.length; i++) {
            values[i] = (sum[i] << unused) >> unused; // the upper half of the range stands for negative sums
        }
        return values;
    }
}
