package dev.coppice.crypto.trust;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.signing.SignatureAlgorithm;
import dev.coppice.crypto.signing.SigningKey;
import java.util.Arrays;

/** Somebody who signs metadata: the private halves of {@link HolderKeys}. Wiped on close. For one thread at a time. */
public final class Signatory implements AutoCloseable {
    /** Bytes of the secret: the seed of the Ed25519 key, then that of the ML-DSA-65 key. */
    public static final int SECRET_BYTES = 2 * SigningKey.SEED_BYTES;

    private final SigningKey ed25519;
    private final SigningKey mlDsa65;

    private Signatory(SigningKey ed25519, SigningKey mlDsa65) {
        this.ed25519 = ed25519;
        this.mlDsa65 = mlDsa65;
    }

    /** Somebody new. */
    public static Signatory generate(RandomSource random) {
        return new Signatory(
                SigningKey.generate(SignatureAlgorithm.ED25519, random),
                SigningKey.generate(SignatureAlgorithm.ML_DSA_65, random));
    }

    /**
     * Somebody whose secret was kept.
     *
     * @throws IllegalArgumentException unless it has {@value #SECRET_BYTES} bytes
     */
    public static Signatory of(SecretBytes secret) {
        if (secret.length() != SECRET_BYTES) {
            throw new IllegalArgumentException("a secret of " + SECRET_BYTES + " bytes, not " + secret.length());
        }
        return secret.use(bytes -> {
            byte[] first = Arrays.copyOf(bytes, SigningKey.SEED_BYTES);
            byte[] second = Arrays.copyOfRange(bytes, SigningKey.SEED_BYTES, SECRET_BYTES);
            try {
                return new Signatory(
                        SigningKey.of(SignatureAlgorithm.ED25519, first),
                        SigningKey.of(SignatureAlgorithm.ML_DSA_65, second));
            } finally {
                Arrays.fill(first, (byte) 0);
                Arrays.fill(second, (byte) 0);
            }
        });
    }

    /** The public halves; usable after close. */
    public HolderKeys keys() {
        return new HolderKeys(ed25519.verifyingKey(), mlDsa65.verifyingKey());
    }

    /** The secret, to be kept; the caller closes it. */
    public SecretBytes secret() {
        byte[] both = new byte[SECRET_BYTES];
        byte[] first = ed25519.seed();
        byte[] second = mlDsa65.seed();
        System.arraycopy(first, 0, both, 0, first.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        try {
            return SecretBytes.of(both);
        } finally {
            Arrays.fill(first, (byte) 0);
            Arrays.fill(second, (byte) 0);
            Arrays.fill(both, (byte) 0);
        }
    }

    SigningKey ed25519() {
        return ed25519;
    }

    SigningKey mlDsa65() {
        return mlDsa65;
    }

    @Override
    public void close() {
        ed25519.close();
        mlDsa65.close();
    }

    @Override
    public String toString() {
        return "Signatory";
    }
}
