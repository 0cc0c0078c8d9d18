package dev.coppice.crypto.privacy;

import dev.coppice.crypto.SecretBytes;

/**
 * The noise that <b>a trusted server</b> adds to the exact sum of each group of a round, where the terms say
 * {@code NoiseSource.SERVER}: discrete Gaussian, independent between rounds and groups, and always the same for the same one, so
 * that a server that restarts does not give it away by showing one sum under two noises. It keeps no count of rounds, as
 * {@link CentralNoise} does: each round is paid for by itself, by whoever is in it.
 *
 * <p><b>Assumption.</b> Nobody sees a sum without it, and each sum is shown once; two sums of one round and group under the
 * same noise differ by what they differ in. Drawn in constant time. For one thread at a time.
 */
public final class ServerNoise implements AutoCloseable {
    private final SecretBytes key;

    /** @param key 32 bytes, secret, and nothing else's; becomes this object's */
    public ServerNoise(SecretBytes key) {
        this.key = key;
    }

    /**
     * Adds the noise of one group's sum, mod 2^32.
     *
     * @param plan of the round, with noise of the server
     * @param roundId never used twice
     * @param group from 0
     * @throws IllegalArgumentException if the plan has no noise of the server
     */
    public void addTo(int[] sum, NoisePlan plan, String roundId, int group) {
        if (plan.serverSigma() == 0) {
            throw new IllegalArgumentException("This round's noise is not the server's");
        }
        TableGaussian gaussian = new TableGaussian(plan.serverSigma());
        int[] noise = CentralNoise.draw(key, gaussian, "coppice/v1/SUM/" + roundId + "/", group, sum.length);
        for (int i = 0; i < sum.length; i++) {
            sum[i] += noise[i];
        }
    }

    /** Wipes the key. */
    @Override
    public void close() {
        key.close();
    }
}
