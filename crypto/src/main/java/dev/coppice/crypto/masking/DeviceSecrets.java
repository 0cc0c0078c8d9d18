package dev.coppice.crypto.masking;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.internal.Shamir;

/**
 * What a device keeps secret in one round.
 *
 * @param sealing the private key by which it agrees with each neighbour on keys that seal shares
 * @param masking the private key, and at once the seed, of its pairwise masks
 * @param selfMask the seed of its own mask, which protects it should the other be revealed
 */
record DeviceSecrets(SecretBytes sealing, SecretBytes masking, SecretBytes selfMask) implements AutoCloseable {
    static DeviceSecrets fresh(RandomSource random) {
        return new DeviceSecrets(
                SecretBytes.random(random, Agreement.KEY_BYTES),
                SecretBytes.random(random, Shamir.SECRET_BYTES),
                SecretBytes.random(random, Shamir.SECRET_BYTES));
    }

    @Override
    public void close() {
        sealing.close();
        masking.close();
        selfMask.close();
    }
}
