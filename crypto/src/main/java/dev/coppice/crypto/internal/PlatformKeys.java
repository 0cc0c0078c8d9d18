package dev.coppice.crypto.internal;

import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;

/**
 * Raw keys of one lattice algorithm to and from the platform, whose doors take encoded ones only: the raw key with a
 * fixed prefix, which is learnt from a pair that the platform makes.
 */
final class PlatformKeys {
    private final String algorithm;
    private final int publicBytes;
    private final int secretBytes;
    private final byte[] publicPrefix;
    private final byte[] secretPrefix;

    /** @throws GeneralSecurityException if this platform lacks the algorithm, or encodes its keys in another form */
    PlatformKeys(String algorithm, int seedBytes, int publicBytes, int secretBytes) throws GeneralSecurityException {
        this.algorithm = algorithm;
        this.publicBytes = publicBytes;
        this.secretBytes = secretBytes;
        KeyPair trial = pair(algorithm, new byte[seedBytes]);
        publicPrefix = prefix(trial.getPublic(), publicBytes);
        secretPrefix = prefix(trial.getPrivate(), secretBytes);
        publicKey(raw(trial.getPublic(), publicBytes));
        secretKey(raw(trial.getPrivate(), secretBytes));
    }

    byte[] publicKey(KeyPair pair) {
        return raw(pair.getPublic(), publicBytes);
    }

    byte[] secretKey(KeyPair pair) {
        return raw(pair.getPrivate(), secretBytes);
    }

    KeyPair pair(byte[] seed) {
        try {
            return pair(algorithm, seed);
        } catch (GeneralSecurityException workedBefore) {
            throw new AssertionError(workedBefore);
        }
    }

    PublicKey publicKey(byte[] raw) throws InvalidKeyException {
        try {
            return KeyFactory.getInstance(algorithm)
                    .generatePublic(new X509EncodedKeySpec(encoded(publicPrefix, raw, publicBytes)));
        } catch (GeneralSecurityException e) {
            throw new InvalidKeyException("No public key of " + algorithm, e);
        }
    }

    PrivateKey secretKey(byte[] raw) throws InvalidKeyException {
        byte[] encoded = encoded(secretPrefix, raw, secretBytes);
        try {
            return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
        } catch (GeneralSecurityException e) {
            throw new InvalidKeyException("No private key of " + algorithm, e);
        } finally {
            Arrays.fill(encoded, (byte) 0);
        }
    }

    private static KeyPair pair(String algorithm, byte[] seed) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(new NamedParameterSpec(algorithm), new FixedRandom(seed));
        return generator.generateKeyPair();
    }

    private static byte[] prefix(Key key, int bytes) throws InvalidKeyException {
        byte[] encoded = key.getEncoded();
        if (encoded == null || encoded.length <= bytes) {
            throw new InvalidKeyException("The platform encodes its keys in another form");
        }
        return Arrays.copyOf(encoded, encoded.length - bytes);
    }

    private static byte[] raw(Key key, int bytes) {
        byte[] encoded = key.getEncoded();
        byte[] raw = Arrays.copyOfRange(encoded, encoded.length - bytes, encoded.length);
        Arrays.fill(encoded, (byte) 0);
        return raw;
    }

    private static byte[] encoded(byte[] prefix, byte[] raw, int bytes) throws InvalidKeyException {
        if (raw.length != bytes) {
            throw new InvalidKeyException("A key of " + bytes + " bytes was expected, not of " + raw.length);
        }
        byte[] encoded = Arrays.copyOf(prefix, prefix.length + bytes);
        System.arraycopy(raw, 0, encoded, prefix.length, bytes);
        return encoded;
    }
}
