package dev.coppice.aggregator;

import dev.coppice.aggregator.store.folder.PrivateFile;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.trust.Signatory;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.function.Supplier;

/**
 * The folder of keys and tokens, for its owner's eyes only. Replicas share it: each secret is made once,
 * by who needs it first. A folder that holds them all may be read-only.
 */
final class Secrets {
    private static final int TOKEN_BYTES = 32;
    private static final int SECRET_BYTES = 32;

    private final Path folder;
    private final RandomSource random;

    Secrets(Path folder, RandomSource random) throws IOException {
        this.folder = folder;
        this.random = random;
        Files.createDirectories(folder);
    }

    /** A key of this name, made at the first start. */
    SigningKey key(String name) throws IOException {
        byte[] seed = kept("keys/" + name, SigningKey.SEED_BYTES, () -> {
            try (SigningKey fresh = SigningKey.generate(random)) {
                return fresh.seed();
            }
        });
        SigningKey key = SigningKey.of(seed);
        Arrays.fill(seed, (byte) 0);
        return key;
    }

    /** Somebody who signs metadata, made at the first start. */
    Signatory signatory(String name) throws IOException {
        byte[] kept = kept("keys/" + name, Signatory.SECRET_BYTES, () -> {
            try (Signatory fresh = Signatory.generate(random);
                    SecretBytes secret = fresh.secret()) {
                return secret.use(byte[]::clone);
            }
        });
        try (SecretBytes secret = SecretBytes.of(kept)) {
            return Signatory.of(secret);
        } finally {
            Arrays.fill(kept, (byte) 0);
        }
    }

    /** Secret bytes of this name, made at the first start. */
    SecretBytes secret(String name) throws IOException {
        byte[] kept = kept("keys/" + name, SECRET_BYTES, () -> random.bytes(SECRET_BYTES));
        SecretBytes secret = SecretBytes.of(kept);
        Arrays.fill(kept, (byte) 0);
        return secret;
    }

    /** A bearer token of this name, made at the first start: one that is to be shown to others has a folder of its own. */
    String token(String name) throws IOException {
        byte[] kept = kept(
                name,
                2 * TOKEN_BYTES,
                () -> HexFormat.of().formatHex(random.bytes(TOKEN_BYTES)).getBytes(StandardCharsets.US_ASCII));
        return new String(kept, StandardCharsets.US_ASCII);
    }

    /** Two processes that start together both read what the first one wrote. */
    private byte[] kept(String name, int bytes, Supplier<byte[]> maker) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            Files.createDirectories(file.resolveSibling(""));
            byte[] fresh = maker.get();
            PrivateFile.writeIfAbsent(file, fresh);
            Arrays.fill(fresh, (byte) 0);
        }
        byte[] kept = Files.readAllBytes(file);
        if (kept.length != bytes) {
            throw new IOException(file + " is damaged: it has " + kept.length + " bytes in place of " + bytes
                    + "; restore it from a copy");
        }
        return kept;
    }
}
