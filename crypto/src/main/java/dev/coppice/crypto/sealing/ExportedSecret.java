package dev.coppice.crypto.sealing;

import dev.coppice.crypto.SecretBytes;

/** A secret of 32 bytes, and what lets the recipient derive it. The secret is wiped on close. */
public final class ExportedSecret implements AutoCloseable {
    private final Hpke.Encapsulated encapsulated;
    private final SecretBytes secret;

    ExportedSecret(Hpke.Encapsulated encapsulated, SecretBytes secret) {
        this.encapsulated = encapsulated;
        this.secret = secret;
    }

    /** A copy of the public bytes to send. */
    public byte[] encapsulated() {
        return encapsulated.bytes();
    }

    /** Lent: closed with this. */
    public SecretBytes secret() {
        return secret;
    }

    @Override
    public void close() {
        secret.close();
    }
}
