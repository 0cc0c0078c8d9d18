package dev.coppice.crypto.privacy;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.internal.Hkdf;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Noise that <b>a trusted aggregator</b> adds to each round's exact sum of integers, by itself: central differential
 * privacy. Who can read the aggregator's memory sees the sums without it; so what devices upload to one that they do not
 * trust has noise of its own, or is in a round of {@link NoisePlan}'s.
 *
 * <p><b>Guarantee.</b> All released sums of a training together are one Gaussian mechanism with {@link #noiseMultiplier},
 * whatever is chosen in between in the light of earlier ones, towards devices that keep to {@link #participation}.
 * <b>Assumptions.</b> The sum of a round is released once: two under the same noise differ by what they differ in. The key
 * is secret, and nothing else's.
 *
 * <p>Integers only, drawn in constant time since others may share the machine. The same key gives the same noise, so that
 * an aggregator that restarts goes on with it. For one thread at a time.
 */
public sealed interface CentralNoise permits IndependentNoise, TreeNoise, BandedNoise {
    /** Whom the guarantee is for. */
    Participation participation();

    /**
     * The z of the one Gaussian mechanism that all rounds are together, for updates of at most this L2 norm in integers.
     *
     * @param sensitivity above 0
     */
    double noiseMultiplier(double sensitivity);

    /**
     * Adds the noise of the next round, mod 2^32.
     *
     * @throws IllegalStateException if there are no more rounds
     */
    void addNext(int[] sum);

    /** Independent samples that only {@code purpose} and {@code number} tell apart. */
    static int[] draw(SecretBytes key, TableGaussian gaussian, String purpose, long number, int dimension) {
        byte[] info = ByteBuffer.allocate(purpose.length() + Long.BYTES)
                .put(purpose.getBytes(US_ASCII))
                .putLong(number)
                .array();
        byte[] own = key.use(secret -> Hkdf.derive(new byte[0], secret, RandomBits.KEY_BYTES, info));
        int[] noise = new int[dimension];
        try (RandomBits bits = new RandomBits(own)) {
            gaussian.addTo(noise, bits);
        } finally {
            Arrays.fill(own, (byte) 0);
        }
        return noise;
    }
}
