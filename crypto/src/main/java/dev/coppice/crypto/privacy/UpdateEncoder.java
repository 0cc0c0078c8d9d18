package dev.coppice.crypto.privacy;

import dev.coppice.crypto.RandomSource;
import java.util.Arrays;
import java.util.Optional;

/**
 * Turns one device's update into its part of the sum: clips it to the norm C, says whether that shortened it where the
 * parameters ask for it, rotates, scales and rounds it to integers, and adds the device's discrete Gaussian noise, mod
 * 2^bits.
 *
 * <p><b>Guarantee.</b> Before the noise, the integer vector's L2 norm is at most the sensitivity that {@link NoisePlan}
 * reckons with, whatever the update holds. <b>Not</b> private by itself: one device's noise is only its share of what
 * the whole cohort needs, so what this returns is masked before it leaves the device.
 *
 * <p>Keeps its working memory between calls, the last update's trace wiped; use on one thread.
 */
public final class UpdateEncoder {
    private final EncodingParameters parameters;
    private final Optional<IntegerGaussian> noise;
    private final Rotation rotation;
    private final ConditionalRounding rounding;
    private final double[] work;

    /** Draws its noise exactly: for a device. */
    public UpdateEncoder(EncodingParameters parameters) {
        this(parameters, GaussianSampling.EXACT);
    }

    /** @param sampling how noise is drawn; what it adds to delta is the caller's to charge */
    public UpdateEncoder(EncodingParameters parameters, GaussianSampling sampling) {
        this.parameters = parameters;
        int sigma = (int) parameters.noiseSigma();
        noise = sigma > 0 ? Optional.of(sampling.of(sigma)) : Optional.empty();
        int padded = parameters.paddedDimension();
        rotation = new Rotation(parameters.rotationSeed(), padded);
        rounding = new ConditionalRounding(parameters.scale() * parameters.norm(), padded);
        work = new double[padded];
    }

    /**
     * The update clipped, rotated, scaled, rounded and noised.
     *
     * @param update {@code updateDimension} finite values, left as they are
     * @param random of the rounding and the noise: secret, and never used twice
     * @return a new array of {@code paddedDimension} values mod 2^bits, each in the low bits of an {@code int}
     * @throws IllegalArgumentException if the length is another or a value is not finite
     */
    public int[] encode(float[] update, RandomSource random) {
        int[] encoded = new int[work.length];
        byte[] key = random.bytes(RandomBits.KEY_BYTES);
        try (RandomBits bits = new RandomBits(key)) {
            clipAndScale(update);
            rotation.apply(work);
            rounding.round(work, encoded, bits);
            noise.ifPresent(gaussian -> gaussian.addTo(encoded, bits));
        } finally {
            Arrays.fill(key, (byte) 0);
            Arrays.fill(work, 0);
        }
        int mask = -1 >>> (32 - parameters.bits());
        Arrays.setAll(encoded, i -> encoded[i] & mask);
        return encoded;
    }

    private void clipAndScale(float[] update) {
        if (update.length != parameters.updateDimension()) {
            throw new IllegalArgumentException(
                    "An update has " + parameters.updateDimension() + " values here, not " + update.length);
        }
        double norm = norm(update);
        double clip = norm > parameters.clipNorm() ? parameters.clipNorm() / norm : 1;
        for (int i = 0; i < update.length; i++) {
            work[i] = update[i] * clip * parameters.scale();
        }
        if (parameters.hasIndicator()) {
            double indicator = parameters.indicator() * parameters.scale();
            work[update.length] = norm > parameters.clipNorm() ? -indicator : indicator;
        }
    }

    private static double norm(float[] update) {
        double squares = 0;
        for (float value : update) {
            squares += (double) value * value;
        }
        if (!(squares < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("An update holds finite values only");
        }
        return Math.sqrt(squares);
    }
}
