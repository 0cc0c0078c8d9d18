package dev.coppice.crypto.sealing;

import com.google.errorprone.annotations.Immutable;
import dev.coppice.crypto.internal.Agreement;
import dev.coppice.crypto.internal.MlKem;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.bouncycastle.crypto.digests.SHAKEDigest;

/**
 * X-Wing, ML-KEM-768 and X25519 in one (draft-connolly-cfrg-xwing-kem): secret as long as either of them is. Points of
 * small order are refused, which the draft leaves open and nobody honest sends.
 */
@Immutable
final class XWing implements Kem {
    private static final byte[] LABEL = {'\\', '.', '/', '/', '^', '\\'};
    private static final int SHAKE_BITS = 256;
    private static final int EXPANDED_BYTES = MlKem.SEED_BYTES + Agreement.KEY_BYTES;

    @Override
    public int id() {
        return 0x647a;
    }

    @Override
    public int publicBytes() {
        return MlKem.PUBLIC_BYTES + Agreement.KEY_BYTES;
    }

    @Override
    public int encapsulatedBytes() {
        return MlKem.CIPHERTEXT_BYTES + Agreement.KEY_BYTES;
    }

    @Override
    public int randomBytes() {
        return MlKem.SHARED_BYTES + Agreement.KEY_BYTES;
    }

    @Override
    public byte[] publicKey(byte[] secret) {
        byte[] expanded = expanded(secret);
        byte[] seed = Arrays.copyOf(expanded, MlKem.SEED_BYTES);
        byte[] scalar = Arrays.copyOfRange(expanded, MlKem.SEED_BYTES, EXPANDED_BYTES);
        byte[] publicKey = joined(MlKem.fastest().publicKey(seed), Agreement.publicKey(scalar));
        LabeledHkdf.wipe(expanded, seed, scalar);
        return publicKey;
    }

    @Override
    public byte[] encapsulate(byte[] recipient, byte[] random, byte[] shared) throws InvalidKeyException {
        if (recipient.length != publicBytes()) {
            throw new InvalidKeyException("An X-Wing key has " + publicBytes() + " bytes, not " + recipient.length);
        }
        byte[] latticeKey = Arrays.copyOf(recipient, MlKem.PUBLIC_BYTES);
        byte[] point = Arrays.copyOfRange(recipient, MlKem.PUBLIC_BYTES, recipient.length);
        byte[] latticeRandom = Arrays.copyOf(random, MlKem.SHARED_BYTES);
        byte[] ephemeral = Arrays.copyOfRange(random, MlKem.SHARED_BYTES, randomBytes());
        byte[] latticeShared = new byte[MlKem.SHARED_BYTES];
        try {
            byte[] ciphertext = MlKem.fastest().encapsulate(latticeKey, latticeRandom, latticeShared);
            byte[] ephemeralPoint = Agreement.publicKey(ephemeral);
            byte[] secret = combined(latticeShared, Agreement.agree(ephemeral, point), ephemeralPoint, point);
            System.arraycopy(secret, 0, shared, 0, SECRET_BYTES);
            LabeledHkdf.wipe(secret);
            return joined(ciphertext, ephemeralPoint);
        } finally {
            LabeledHkdf.wipe(latticeRandom, ephemeral, latticeShared);
        }
    }

    @Override
    public byte[] decapsulate(byte[] secret, byte[] ownPublic, byte[] encapsulated) throws InvalidKeyException {
        if (encapsulated.length != encapsulatedBytes()) {
            throw new InvalidKeyException("An X-Wing ciphertext has " + encapsulatedBytes() + " bytes");
        }
        byte[] ciphertext = Arrays.copyOf(encapsulated, MlKem.CIPHERTEXT_BYTES);
        byte[] theirPoint = Arrays.copyOfRange(encapsulated, MlKem.CIPHERTEXT_BYTES, encapsulated.length);
        byte[] ownPoint = Arrays.copyOfRange(ownPublic, MlKem.PUBLIC_BYTES, ownPublic.length);
        byte[] expanded = expanded(secret);
        byte[] seed = Arrays.copyOf(expanded, MlKem.SEED_BYTES);
        byte[] scalar = Arrays.copyOfRange(expanded, MlKem.SEED_BYTES, EXPANDED_BYTES);
        byte[] latticeKey = MlKem.fastest().expand(seed);
        try {
            byte[] latticeShared = MlKem.fastest().decapsulate(latticeKey, ciphertext);
            return combined(latticeShared, Agreement.agree(scalar, theirPoint), theirPoint, ownPoint);
        } finally {
            LabeledHkdf.wipe(expanded, seed, scalar, latticeKey);
        }
    }

    /** Section 5.3, Combiner; wipes both secrets. */
    private static byte[] combined(byte[] latticeShared, byte[] agreed, byte[] encapsulatedPoint, byte[] publicPoint) {
        try {
            MessageDigest sha3 = MessageDigest.getInstance("SHA3-256");
            sha3.update(latticeShared);
            sha3.update(agreed);
            sha3.update(encapsulatedPoint);
            sha3.update(publicPoint);
            sha3.update(LABEL);
            return sha3.digest();
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new AssertionError(everyPlatformHasIt);
        } finally {
            LabeledHkdf.wipe(latticeShared, agreed);
        }
    }

    /** Section 5.2: the seed of the ML-KEM key, then the scalar. */
    private static byte[] expanded(byte[] secret) {
        SHAKEDigest shake = new SHAKEDigest(SHAKE_BITS);
        shake.update(secret, 0, secret.length);
        byte[] expanded = new byte[EXPANDED_BYTES];
        shake.doFinal(expanded, 0, expanded.length);
        return expanded;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
