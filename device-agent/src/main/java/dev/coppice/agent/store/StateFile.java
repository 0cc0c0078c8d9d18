package dev.coppice.agent.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;

/**
 * One value in one file, replaced whole or not at all: after a crash the file holds the old value or the new one.
 * On disk: the content, then its SHA-256. Use on one thread.
 */
public final class StateFile {
    private static final int SUM_BYTES = 32;

    private final Path file;
    private final int contentBytesMax;

    /**
     * @param file where the value lives; its folder exists
     * @param contentBytesMax longest content that is written or read
     */
    public StateFile(Path file, int contentBytesMax) {
        this.file = file;
        this.contentBytesMax = contentBytesMax;
    }

    /**
     * The value last written, or empty if none was.
     *
     * @throws StoreBrokenException if the file is longer than allowed or does not match its checksum
     * @throws IOException if it cannot be read
     */
    public Optional<byte[]> read() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        if (Files.size(file) > (long) contentBytesMax + SUM_BYTES) {
            throw new StoreBrokenException(file, "longer than " + contentBytesMax + " bytes");
        }
        byte[] bytes = Files.readAllBytes(file);
        if (bytes.length < SUM_BYTES) {
            throw new StoreBrokenException(file, "shorter than its checksum");
        }
        byte[] content = Arrays.copyOf(bytes, bytes.length - SUM_BYTES);
        byte[] sum = Arrays.copyOfRange(bytes, content.length, bytes.length);
        if (!MessageDigest.isEqual(sum, Checksums.sha256(content))) {
            throw new StoreBrokenException(file, "its checksum differs");
        }
        return Optional.of(content);
    }

    /**
     * Replaces the value, durably: when this returns, a power cut does not bring the old one back.
     *
     * @throws IllegalArgumentException if the content is longer than allowed
     * @throws IOException if it cannot be written; the old value is still there
     */
    public void write(byte[] content) throws IOException {
        if (content.length > contentBytesMax) {
            throw new IllegalArgumentException(content.length + " bytes of state, at most " + contentBytesMax);
        }
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        PrivateFiles.makeFile(fresh);
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            writeFully(channel, ByteBuffer.wrap(content));
            writeFully(channel, ByteBuffer.wrap(Checksums.sha256(content)));
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        PrivateFiles.forceFolderOf(file);
    }

    /** Removes the value, durably. Nothing happens if there is none. */
    public void delete() throws IOException {
        if (Files.deleteIfExists(file)) {
            PrivateFiles.forceFolderOf(file);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
