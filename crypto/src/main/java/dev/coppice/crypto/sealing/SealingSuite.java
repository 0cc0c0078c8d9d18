package dev.coppice.crypto.sealing;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.security.InvalidKeyException;

/** How bytes are sealed to the holder of a key: HPKE base mode with HKDF-SHA256, AES-256-GCM, and one of these. */
public enum SealingSuite {
    /** RFC 9180's DHKEM(X25519, HKDF-SHA256): short, broken by a large quantum computer. */
    X25519(new DhKem()),
    /** draft-ietf-hpke-pq's X-Wing, ML-KEM-768 with X25519: for what must still be secret in decades. */
    X_WING(new XWing());

    private final Kem kem;

    SealingSuite(Kem kem) {
        this.kem = kem;
    }

    Kem kem() {
        return kem;
    }

    /** Bytes of a public key. */
    public int publicBytes() {
        return kem.publicBytes();
    }

    /** Bytes by which sealed bytes are longer than the plain ones. */
    public int overheadBytes() {
        return kem.encapsulatedBytes() + Aead.TAG_BYTES;
    }

    /**
     * The encapsulated key, then the sealed bytes with their tag.
     *
     * @param publicKey of the recipient
     * @param info the context in which alone it opens
     * @param associated further bytes that it is bound to
     * @throws InvalidKeyException if {@code publicKey} is none of this suite
     */
    public byte[] seal(byte[] publicKey, byte[] plaintext, byte[] info, byte[] associated, RandomSource random)
            throws InvalidKeyException {
        return Hpke.seal(kem, publicKey, plaintext, info, associated, random);
    }

    /**
     * A fresh secret that the holder of the private key can derive as well, and nobody else.
     *
     * @param purpose what the secret is for: another purpose gives another secret
     * @throws InvalidKeyException if {@code publicKey} is none of this suite
     */
    public ExportedSecret export(byte[] publicKey, byte[] info, byte[] purpose, RandomSource random)
            throws InvalidKeyException {
        Hpke.Sender sender = Hpke.sender(kem, Aead.AES_256_GCM, publicKey, info, random);
        try (HpkeContext context = sender.context()) {
            return new ExportedSecret(sender.encapsulated(), secret(context, purpose));
        }
    }

    /**
     * A stream whose bytes arrive sealed at {@code sink}, whatever their number, in the memory of one chunk.
     *
     * @param sink stays the caller's to close
     * @throws InvalidKeyException if {@code publicKey} is none of this suite
     */
    public SealingOutputStream sealingStream(byte[] publicKey, byte[] info, RandomSource random, OutputStream sink)
            throws InvalidKeyException, IOException {
        try (ExportedSecret exported = export(publicKey, info, SealingOutputStream.purpose(), random)) {
            sink.write(exported.encapsulated());
            return new SealingOutputStream(exported.secret(), sink);
        }
    }

    static SecretBytes secret(HpkeContext context, byte[] purpose) {
        byte[] exported = context.export(purpose, Kem.SECRET_BYTES);
        SecretBytes secret = SecretBytes.of(exported);
        LabeledHkdf.wipe(exported);
        return secret;
    }
}
