package dev.coppice.crypto.masking;

import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.VerifyingKey;
import java.security.InvalidKeyException;

/**
 * The costly arithmetic with the keys of others. Handed in where many devices of one process would reckon the same; all that runs
 * for a real person uses {@link #EACH_TIME}. For any number of threads.
 */
public interface Reckoning {
    /** Remembers nothing. */
    Reckoning EACH_TIME = new Reckoning() {
        @Override
        public boolean verifies(VerifyingKey key, Purpose purpose, byte[] message, byte[] signature) {
            return key.verifies(purpose, message, signature);
        }

        @Override
        public byte[] agree(byte[] secret, byte[] own, byte[] theirs) throws InvalidKeyException {
            return Agreement.agree(secret, theirs);
        }
    };

    /** Whether the holder of the private half of {@code key} signed {@code message} for {@code purpose}. */
    boolean verifies(VerifyingKey key, Purpose purpose, byte[] message, byte[] signature);

    /**
     * What two holders of X25519 keys share. The caller wipes it.
     *
     * @param secret the one's private key
     * @param own the public half of it
     * @param theirs the other's public key
     * @throws InvalidKeyException if {@code theirs} is no usable public key
     */
    byte[] agree(byte[] secret, byte[] own, byte[] theirs) throws InvalidKeyException;
}
