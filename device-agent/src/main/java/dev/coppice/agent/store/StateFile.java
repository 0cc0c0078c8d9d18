package dev.coppice.agent.store;

import dev.coppice.crypto.sealing.SealBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One value in one file, encrypted, replaced whole or not at all: after a crash the file holds the old value or the new
 * one. On disk: the value as one piece of {@link StorageKey}, bound to the file's name. Use on one thread.
 */
public final class StateFile implements State {
    private final Path file;
    private final int contentBytesMax;
    private final StorageKey key;

    /**
     * @param file where the value lives; its folder exists
     * @param contentBytesMax longest content that is written or read
     * @param key of the home; stays the caller's
     */
    public StateFile(Path file, int contentBytesMax, StorageKey key) {
        this.file = file;
        this.contentBytesMax = contentBytesMax;
        this.key = key;
    }

    /**
     * The value last written, or empty if none was.
     *
     * @throws StoreBrokenException if the file is longer than allowed, was changed, or was written with another key
     * @throws IOException if it cannot be read
     */
    @Override
    public Optional<byte[]> read() throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        byte[] sealed = PrivateFiles.readAtMost(file, (long) contentBytesMax + StorageKey.OVERHEAD_BYTES);
        try {
            return Optional.of(key.open(name(), 0, sealed));
        } catch (SealBrokenException e) {
            throw StoreBrokenException.unopened(file, sealed, "it");
        }
    }

    /**
     * Replaces the value, durably: when this returns, a power cut does not bring the old one back.
     *
     * @throws IllegalArgumentException if the content is longer than allowed
     * @throws IOException if it cannot be written; the old value is still there
     */
    @Override
    public void write(byte[] content) throws IOException {
        if (content.length > contentBytesMax) {
            throw new IllegalArgumentException(content.length + " bytes of state, at most " + contentBytesMax);
        }
        PrivateFiles.replace(file, key.seal(name(), 0, content));
    }

    @Override
    public void delete() throws IOException {
        if (Files.deleteIfExists(file)) {
            PrivateFiles.forceFolderOf(file);
        }
    }

    private String name() {
        return file.getFileName().toString();
    }
}
