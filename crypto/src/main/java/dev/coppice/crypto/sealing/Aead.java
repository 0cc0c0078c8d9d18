package dev.coppice.crypto.sealing;

import java.security.GeneralSecurityException;
import java.security.spec.AlgorithmParameterSpec;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** The ciphers of HPKE: keys of 32 bytes, nonces of 12, tags of 16, computed by the platform. */
enum Aead {
    /** What we seal with. */
    AES_256_GCM(0x0002, "AES/GCM/NoPadding", "AES"),
    /** Nothing is sealed with it here; the published vectors of X-Wing are for this one. */
    CHACHA20_POLY1305(0x0003, "ChaCha20-Poly1305", "ChaCha20");

    static final int KEY_BYTES = 32;
    static final int NONCE_BYTES = 12;
    static final int TAG_BYTES = 16;

    private final int id;
    private final String transformation;
    private final String keyAlgorithm;

    Aead(int id, String transformation, String keyAlgorithm) {
        this.id = id;
        this.transformation = transformation;
        this.keyAlgorithm = keyAlgorithm;
    }

    /** The number in HPKE's registry. */
    int id() {
        return id;
    }

    Cipher start(int mode, byte[] key, byte[] nonce, byte[] associated) throws GeneralSecurityException {
        AlgorithmParameterSpec parameters = switch (this) {
            case AES_256_GCM -> new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce);
            case CHACHA20_POLY1305 -> new IvParameterSpec(nonce);
        };
        Cipher cipher = Cipher.getInstance(transformation);
        cipher.init(mode, new SecretKeySpec(key, keyAlgorithm), parameters);
        cipher.updateAAD(associated);
        return cipher;
    }
}
