package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.internal.Shamir;
import dev.coppice.crypto.masking.SeedKeys.Use;
import dev.coppice.protocol.round.Advertisement;

/**
 * What a device keeps secret in one round.
 *
 * @param sealing the seed of the keys by which it agrees with each neighbour on keys that seal shares
 * @param masking the seed of the keys of its pairwise masks
 * @param selfMask the seed of its own mask, which protects it should the other be revealed
 */
record DeviceSecrets(SecretBytes sealing, SecretBytes masking, SecretBytes selfMask) implements AutoCloseable {
    static DeviceSecrets fresh(RandomSource random) {
        return new DeviceSecrets(
                SecretBytes.random(random, SeedKeys.SEED_BYTES),
                SecretBytes.random(random, Shamir.SECRET_BYTES),
                SecretBytes.random(random, Shamir.SECRET_BYTES));
    }

    /** An advertisement with the keys only. */
    Advertisement publicKeys(VerifiedTerms terms) {
        byte[] hash = terms.hash();
        Advertisement.Builder keys = Advertisement.newBuilder()
                .setSealingKey(key(sealing, seed -> SeedKeys.exchangePublic(hash, Use.SEALING, seed)))
                .setMaskingKey(key(masking, seed -> SeedKeys.exchangePublic(hash, Use.MASKING, seed)));
        if (terms.hybrid()) {
            keys.setSealingKemKey(key(sealing, seed -> SeedKeys.kemPublic(hash, Use.SEALING, seed)))
                    .setMaskingKemKey(key(masking, seed -> SeedKeys.kemPublic(hash, Use.MASKING, seed)));
        }
        return keys.build();
    }

    private static ByteString key(SecretBytes seed, SecretBytes.Action<byte[], RuntimeException> of) {
        return ByteString.copyFrom(seed.use(of));
    }

    @Override
    public void close() {
        sealing.close();
        masking.close();
        selfMask.close();
    }
}
