package dev.coppice.agent.policy;

import dev.coppice.agent.store.StateFile;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whether the operator has halted all training of the population: kept on disk, and changed by a later word alone, so that
 * neither a restart nor an older word lifts a halt. Safe to ask from any thread; learn on one.
 */
public final class TrainingHalt {
    private static final int BYTES = Long.BYTES + 1;

    private final StateFile file;
    private volatile Word last;

    /** The last word. */
    private record Word(long sequence, boolean halted) {}

    private TrainingHalt(StateFile file, Word last) {
        this.file = file;
        this.last = last;
    }

    /**
     * Opens what is known in a home.
     *
     * @param key of the home; stays the caller's
     */
    public static TrainingHalt open(Path home, StorageKey key) throws IOException {
        Path path = home.resolve("halt");
        StateFile file = new StateFile(path, BYTES, key);
        Optional<byte[]> stored = file.read();
        if (stored.isEmpty()) {
            return new TrainingHalt(file, new Word(0, false));
        }
        if (stored.get().length != BYTES) {
            throw new StoreBrokenException(path, "it is no word about a halt");
        }
        ByteBuffer bytes = ByteBuffer.wrap(stored.get());
        return new TrainingHalt(file, new Word(bytes.getLong(), bytes.get() != 0));
    }

    /** Whether nothing may be trained. */
    public boolean isHalted() {
        return last.halted();
    }

    /**
     * Takes a word of the operator's, durably, if it is later than the last one.
     *
     * @param sequence 1 or more
     */
    public void learn(long sequence, boolean halted) throws IOException {
        if (sequence > last.sequence()) {
            file.write(ByteBuffer.allocate(BYTES)
                    .putLong(sequence)
                    .put((byte) (halted ? 1 : 0))
                    .array());
            last = new Word(sequence, halted);
        }
    }
}
