package dev.coppice.crypto.masking;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.internal.Shamir;
import dev.coppice.crypto.sealing.SealingKey;

/**
 * What a device keeps secret in one round.
 *
 * @param sealing opens the shares that others send it
 * @param masking the private key, and at once the seed, of its pairwise masks
 * @param selfMask the seed of its own mask, which protects it should the other be revealed
 */
record DeviceSecrets(SealingKey sealing, SecretBytes masking, SecretBytes selfMask) implements AutoCloseable {
    static DeviceSecrets fresh(RandomSource random) {
        return new DeviceSecrets(
                SealingKey.generate(random),
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
