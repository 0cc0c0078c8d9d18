package dev.coppice.agent.install;

import dev.coppice.agent.store.StateFile;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** The version of the skill pack that the device's user wants to stay with, on disk. Safe to ask from any thread; change on one. */
public final class PackPin {
    private final StateFile file;
    private volatile OptionalLong version;

    private PackPin(StateFile file, OptionalLong version) {
        this.file = file;
        this.version = version;
    }

    /**
     * Opens what is pinned in a home.
     *
     * @param key of the home; stays the caller's
     */
    public static PackPin open(Path home, StorageKey key) throws IOException {
        Path path = home.resolve("pin");
        StateFile file = new StateFile(path, Long.BYTES, key);
        Optional<byte[]> stored = file.read();
        if (stored.isEmpty()) {
            return new PackPin(file, OptionalLong.empty());
        }
        if (stored.get().length != Long.BYTES) {
            throw new StoreBrokenException(path, "it is no version of a pack");
        }
        return new PackPin(file, OptionalLong.of(ByteBuffer.wrap(stored.get()).getLong()));
    }

    /** The version; empty if none is pinned. */
    public OptionalLong find() {
        return version;
    }

    /**
     * Pins a version, durably, in place of the one before.
     *
     * @param wanted 1 or more
     */
    public void set(long wanted) throws IOException {
        if (wanted < 1) {
            throw new IllegalArgumentException("versions of packs count from 1");
        }
        file.write(ByteBuffer.allocate(Long.BYTES).putLong(wanted).array());
        version = OptionalLong.of(wanted);
    }

    /** Pins none, durably. */
    public void clear() throws IOException {
        file.delete();
        version = OptionalLong.empty();
    }
}
