package dev.coppice.crypto.signing;

import dev.coppice.crypto.SecretBytes;
import org.bouncycastle.math.ec.rfc8032.Ed25519;

/** An Ed25519 private key (RFC 8032). Bouncy Castle's code signs some fifteen times as fast as the platform's. */
final class Ed25519SigningKey implements SigningKey {
    private final SecretBytes seed;
    private final Ed25519VerifyingKey verifyingKey;

    Ed25519SigningKey(SecretBytes seed) {
        this.seed = seed;
        byte[] point = new byte[Ed25519.PUBLIC_KEY_SIZE];
        seed.use(bytes -> {
            Ed25519.generatePublicKey(bytes, 0, point, 0);
            return point;
        });
        this.verifyingKey = Ed25519VerifyingKey.trusted(point);
    }

    @Override
    public VerifyingKey verifyingKey() {
        return verifyingKey;
    }

    @Override
    public synchronized byte[] signWithoutPurpose(byte[] signed) {
        byte[] point = verifyingKey.bytes();
        byte[] signature = new byte[Ed25519.SIGNATURE_SIZE];
        return seed.use(bytes -> {
            Ed25519.sign(bytes, 0, point, 0, signed, 0, signed.length, signature, 0);
            return signature;
        });
    }

    @Override
    public synchronized byte[] seed() {
        return seed.use(byte[]::clone);
    }

    @Override
    public synchronized void close() {
        seed.close();
    }

    @Override
    public String toString() {
        return "SigningKey";
    }
}
