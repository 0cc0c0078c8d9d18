package dev.coppice.aggregator;

import dev.coppice.aggregator.http.OperatorToken;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.trust.Signatory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The folder with all that an aggregator remembers: {@code coppice.mv.db} (the database), {@code blobs/}, {@code keys/}
 * and {@code operator.token} (both for the owner's eyes only), {@code port} while it runs, {@code lock}.
 */
final class Home {
    private static final int TOKEN_BYTES = 32;
    private static final int SECRET_BYTES = 32;

    private final Path folder;
    private final RandomSource random;

    Home(Path folder, RandomSource random) throws IOException {
        this.folder = folder;
        this.random = random;
        Files.createDirectories(folder);
    }

    /**
     * Claims the folder for this process, until it ends in whatever way.
     *
     * @throws IOException if another process has it
     */
    static FileLock claim(Path folder) throws IOException {
        Files.createDirectories(folder);
        FileChannel channel =
                FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock();
        if (lock == null) {
            channel.close();
            throw new IOException("Another aggregator runs on " + folder);
        }
        Files.deleteIfExists(folder.resolve("port")); // of a process that was killed
        return lock;
    }

    Path database() {
        return folder.resolve("coppice");
    }

    Path blobs() {
        return folder.resolve("blobs");
    }

    /** A key of this name, made at the first start. */
    SigningKey key(String name) throws IOException {
        Path file = folder.resolve("keys").resolve(name);
        if (!Files.exists(file)) {
            Files.createDirectories(folder.resolve("keys"));
            try (SigningKey fresh = SigningKey.generate(random)) {
                writePrivately(file, fresh.seed());
            }
        }
        byte[] seed = Files.readAllBytes(file);
        if (seed.length != SigningKey.SEED_BYTES) {
            throw new IOException("The key in " + file + " is damaged");
        }
        SigningKey key = SigningKey.of(seed);
        Arrays.fill(seed, (byte) 0);
        return key;
    }

    /** Somebody who signs metadata, made at the first start. */
    Signatory signatory(String name) throws IOException {
        Path file = folder.resolve("keys").resolve(name);
        if (!Files.exists(file)) {
            Files.createDirectories(folder.resolve("keys"));
            try (Signatory fresh = Signatory.generate(random);
                    SecretBytes secret = fresh.secret()) {
                writePrivately(file, secret.use(byte[]::clone));
            }
        }
        byte[] kept = Files.readAllBytes(file);
        if (kept.length != Signatory.SECRET_BYTES) {
            throw new IOException("The key in " + file + " is damaged");
        }
        try (SecretBytes secret = SecretBytes.of(kept)) {
            return Signatory.of(secret);
        } finally {
            Arrays.fill(kept, (byte) 0);
        }
    }

    /** Secret bytes of this name, made at the first start. */
    SecretBytes secret(String name) throws IOException {
        Path file = folder.resolve("keys").resolve(name);
        if (!Files.exists(file)) {
            Files.createDirectories(folder.resolve("keys"));
            byte[] fresh = random.bytes(SECRET_BYTES);
            writePrivately(file, fresh);
            Arrays.fill(fresh, (byte) 0);
        }
        byte[] kept = Files.readAllBytes(file);
        if (kept.length != SECRET_BYTES) {
            throw new IOException("The secret in " + file + " is damaged");
        }
        SecretBytes secret = SecretBytes.of(kept);
        Arrays.fill(kept, (byte) 0);
        return secret;
    }

    /** The operator's token, made at the first start. */
    OperatorToken operatorToken() throws IOException {
        Path file = folder.resolve("operator.token");
        if (!Files.exists(file)) {
            String fresh = HexFormat.of().formatHex(random.bytes(TOKEN_BYTES));
            writePrivately(file, fresh.getBytes(StandardCharsets.US_ASCII));
        }
        String token = Files.readString(file, StandardCharsets.US_ASCII).strip();
        if (token.length() != 2 * TOKEN_BYTES) {
            throw new IOException("The token in " + file + " is damaged; delete it to get another");
        }
        return new OperatorToken(token);
    }

    /** Says that requests are answered now, on this port. */
    void ready(int port) throws IOException {
        writePrivately(folder.resolve("port"), Integer.toString(port).getBytes(StandardCharsets.US_ASCII));
    }

    /** Takes that back. */
    void notReady() throws IOException {
        Files.deleteIfExists(folder.resolve("port"));
    }

    /** Whole or not at all, and readable by the owner alone from the first byte on. */
    private static void writePrivately(Path file, byte[] bytes) throws IOException {
        Path aside = Files.createTempFile(file.toAbsolutePath().getParent(), "new", ".part", ownerOnly());
        try {
            try (FileChannel channel = FileChannel.open(aside, StandardOpenOption.WRITE)) {
                ByteBuffer rest = ByteBuffer.wrap(bytes);
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    private static FileAttribute<?>[] ownerOnly() {
        boolean posix = FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
        return posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
    }
}
