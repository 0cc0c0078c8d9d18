package dev.coppice.crypto.sealing;

import dev.coppice.crypto.RandomSource;
import java.security.InvalidKeyException;
import java.util.Arrays;

/**
 * RFC 9180 in base mode. Written here because the platform has none, and Bouncy Castle's computes AES in Java: several
 * times slower a message, and no use at all for long ones.
 */
final class Hpke {
    private Hpke() {}

    /** A sender's side: its context, and what it sends ahead. */
    record Sender(HpkeContext context, Encapsulated encapsulated) {}

    /** Bytes that are sent ahead. */
    static final class Encapsulated {
        private final byte[] bytes;

        private Encapsulated(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes.clone();
        }
    }

    /** Section 5.1.1, SetupBaseS. */
    static Sender sender(Kem kem, Aead aead, byte[] recipient, byte[] info, RandomSource random)
            throws InvalidKeyException {
        byte[] fresh = random.bytes(kem.randomBytes());
        byte[] shared = new byte[Kem.SECRET_BYTES];
        try {
            byte[] encapsulated = kem.encapsulate(recipient, fresh, shared);
            return new Sender(new HpkeContext(kem, aead, shared, info), new Encapsulated(encapsulated));
        } finally {
            LabeledHkdf.wipe(fresh, shared);
        }
    }

    /** Section 5.1.1, SetupBaseR. */
    static HpkeContext receiver(Kem kem, Aead aead, byte[] secret, byte[] ownPublic, byte[] encapsulated, byte[] info)
            throws SealBrokenException {
        try {
            return new HpkeContext(kem, aead, kem.decapsulate(secret, ownPublic, encapsulated), info);
        } catch (InvalidKeyException malformed) {
            throw new SealBrokenException();
        }
    }

    /** One message: what is sent ahead, then the sealed bytes. */
    static byte[] seal(Kem kem, byte[] recipient, byte[] plain, byte[] info, byte[] associated, RandomSource random)
            throws InvalidKeyException {
        Sender sender = sender(kem, Aead.AES_256_GCM, recipient, info, random);
        try (HpkeContext context = sender.context()) {
            byte[] ahead = sender.encapsulated().bytes();
            byte[] body = context.seal(associated, plain);
            byte[] sealed = Arrays.copyOf(ahead, ahead.length + body.length);
            System.arraycopy(body, 0, sealed, ahead.length, body.length);
            return sealed;
        }
    }

    static byte[] open(Kem kem, byte[] secret, byte[] ownPublic, byte[] sealed, byte[] info, byte[] associated)
            throws SealBrokenException {
        int ahead = kem.encapsulatedBytes();
        if (sealed.length < ahead + Aead.TAG_BYTES) {
            throw new SealBrokenException();
        }
        try (HpkeContext context =
                receiver(kem, Aead.AES_256_GCM, secret, ownPublic, Arrays.copyOf(sealed, ahead), info)) {
            return context.open(associated, Arrays.copyOfRange(sealed, ahead, sealed.length));
        }
    }
}
