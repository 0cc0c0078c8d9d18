package dev.coppice.crypto.privacy;

import com.google.protobuf.ByteString;
import dev.coppice.protocol.round.Encoding;

/**
 * How an update becomes a vector of integers mod 2^bits: clipped, rotated, scaled, rounded, noised. Public; the same for
 * a whole cohort.
 *
 * @param dimension values that are encoded, 1 to 2^24: those of an update, and the indicator if there is one
 * @param clipNorm largest L2 norm that an update keeps, above 0 and at most 10^6
 * @param scale integers per unit, above 0; {@code scale * norm()} is at most 2^30
 * @param bits of each encoded value, 8 to 32
 * @param rotationSeed of the random signs
 * @param noiseSigma parameter of each device's discrete Gaussian, in integers: a whole number from 4 to 2^20, or 0 where
 *     privacy is off. Whole, so that the sampler is exact; at least 4, so that a sum of such noises is as good as one
 *     discrete Gaussian
 * @param indicator what the last value is if a device's update was within the clip norm, and the negative of what it is
 *     otherwise: the sum counts whose was, without telling. At most the clip norm; 0 where there is no such value
 */
public record EncodingParameters(
        int dimension,
        double clipNorm,
        double scale,
        int bits,
        RotationSeed rotationSeed,
        double noiseSigma,
        double indicator) {
    /** Largest number of values in an update. */
    public static final int DIMENSION_MAX = 1 << 24;

    /** Smallest noise of a device, where there is any. */
    public static final int SIGMA_MIN = 4;

    /** Largest noise of a device. */
    public static final int SIGMA_MAX = 1 << 20;

    private static final double CLIP_NORM_MAX = 1e6;
    private static final double SCALED_NORM_MAX = 1 << 30;

    public EncodingParameters {
        require(dimension >= 1 && dimension <= DIMENSION_MAX, "dimension", dimension);
        require(clipNorm > 0 && clipNorm <= CLIP_NORM_MAX, "clip norm", clipNorm);
        require(indicator >= 0 && indicator <= clipNorm && (indicator == 0 || dimension > 1), "indicator", indicator);
        require(scale > 0 && scale * Math.hypot(clipNorm, indicator) <= SCALED_NORM_MAX, "scale", scale);
        require(bits >= 8 && bits <= 32, "bits", bits);
        require(noiseSigma == 0 || isSigma(noiseSigma), "noise sigma", noiseSigma);
    }

    /** Without an indicator. */
    public EncodingParameters(
            int dimension, double clipNorm, double scale, int bits, RotationSeed rotationSeed, double noiseSigma) {
        this(dimension, clipNorm, scale, bits, rotationSeed, noiseSigma, 0);
    }

    /** Whether a discrete Gaussian may have this parameter. */
    static boolean isSigma(double sigma) {
        return sigma >= SIGMA_MIN && sigma <= SIGMA_MAX && sigma == Math.rint(sigma);
    }

    private static void require(boolean holds, String what, double value) {
        if (!holds) {
            throw new IllegalArgumentException("Not possible as " + what + " of an encoding: " + value);
        }
    }

    /**
     * The parameters in {@code message}, every one checked.
     *
     * @throws IllegalArgumentException naming the first field that is out of range
     */
    public static EncodingParameters of(Encoding message) {
        return new EncodingParameters(
                message.getDimension(),
                message.getClipNorm(),
                message.getScale(),
                message.getBits(),
                RotationSeed.of(message.getRotationSeed().toByteArray()),
                message.getNoiseSigma(),
                message.getIndicator());
    }

    public Encoding toMessage() {
        return Encoding.newBuilder()
                .setDimension(dimension)
                .setClipNorm(clipNorm)
                .setScale(scale)
                .setBits(bits)
                .setRotationSeed(ByteString.copyFrom(rotationSeed.bytes()))
                .setNoiseSigma(noiseSigma)
                .setIndicator(indicator)
                .build();
    }

    /** Values in an update. */
    public int updateDimension() {
        return hasIndicator() ? dimension - 1 : dimension;
    }

    /** Whether the sum counts how many updates were within the clip norm. */
    public boolean hasIndicator() {
        return indicator > 0;
    }

    /** Largest L2 norm of what is scaled: of a clipped update together with the indicator. */
    public double norm() {
        return Math.hypot(clipNorm, indicator);
    }

    /**
     * The same for another clip norm, in integers: neither noise nor privacy, nor the bits that a sum takes, are others.
     *
     * @throws IllegalArgumentException if that norm is out of range
     */
    public EncodingParameters withClipNorm(double norm) {
        double factor = norm / clipNorm;
        double scaleBelow = scale / factor * (1 - 0x1p-48); // so that no rounding makes the integers any longer
        return new EncodingParameters(dimension, norm, scaleBelow, bits, rotationSeed, noiseSigma, indicator * factor);
    }

    /** Length of an encoded update: the smallest power of two that is at least {@code dimension}. */
    public int paddedDimension() {
        return padded(dimension);
    }

    static int padded(int dimension) {
        return dimension <= 1 ? 1 : Integer.highestOneBit(dimension - 1) << 1;
    }
}
