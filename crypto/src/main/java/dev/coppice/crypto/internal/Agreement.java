package dev.coppice.crypto.internal;

import java.security.InvalidKeyException;
import java.util.Arrays;
import org.bouncycastle.math.ec.rfc7748.X25519;

/** Diffie-Hellman on Curve25519 (RFC 7748). */
public final class Agreement {
    /** Bytes of a private key, a public key and a shared secret. */
    public static final int KEY_BYTES = X25519.SCALAR_SIZE;

    /** Any private key will do to find points of small order: each is a multiple of 8, and so gives nothing. */
    private static final byte[] PROBE = {8};

    private Agreement() {}

    /** Whether a secret can be agreed on with this public key; false for points of small order. */
    public static boolean isUsable(byte[] publicKey) {
        byte[] scalar = Arrays.copyOf(PROBE, KEY_BYTES);
        return publicKey.length == KEY_BYTES
                && X25519.calculateAgreement(scalar, 0, publicKey, 0, new byte[KEY_BYTES], 0);
    }

    /** The public key of any 32 secret bytes; the curve's rules for private keys are applied inside. */
    public static byte[] publicKey(byte[] secret) {
        byte[] point = new byte[KEY_BYTES];
        X25519.scalarMultBase(secret, 0, point, 0);
        return point;
    }

    /**
     * The secret that the two holders share.
     *
     * @throws InvalidKeyException if {@code theirs} is not 32 bytes, or a point of small order, with which everybody
     *     shares the same
     */
    public static byte[] agree(byte[] own, byte[] theirs) throws InvalidKeyException {
        byte[] shared = new byte[KEY_BYTES];
        if (theirs.length != KEY_BYTES || !X25519.calculateAgreement(own, 0, theirs, 0, shared, 0)) {
            throw new InvalidKeyException("No usable X25519 public key");
        }
        return shared;
    }
}
