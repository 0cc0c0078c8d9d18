package dev.coppice.agent.install;

import dev.coppice.agent.store.StateFile;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;

/** How the pack does that was tried last, on disk. It leaves the device in rounds of metrics only. Use on one thread. */
public final class TrialShelf {
    private static final int BYTES = 3 * Long.BYTES + 2;

    private final Path file;
    private final StateFile state;

    /**
     * @param home of the agent
     * @param key of the home; stays the caller's
     */
    public TrialShelf(Path home, StorageKey key) {
        file = home.resolve("trial");
        state = new StateFile(file, BYTES, key);
    }

    /** Keeps a trial in place of the one before, durably. */
    public void keep(PackTrial trial) throws IOException {
        state.write(ByteBuffer.allocate(BYTES)
                .putLong(trial.version())
                .putDouble(trial.before().orElse(Double.NaN))
                .putDouble(trial.after().orElse(Double.NaN))
                .put((byte) (trial.wentBack() ? 1 : 0))
                .put((byte) (trial.crashed() ? 1 : 0))
                .array());
    }

    /** The trial of this version, if that was tried last. */
    public Optional<PackTrial> find(long version) throws IOException {
        Optional<byte[]> stored = state.read();
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        if (stored.get().length != BYTES) {
            throw new StoreBrokenException(file, "it is no trial of a pack");
        }
        ByteBuffer bytes = ByteBuffer.wrap(stored.get());
        PackTrial trial = new PackTrial(
                bytes.getLong(),
                share(bytes.getDouble()),
                share(bytes.getDouble()),
                bytes.get() != 0,
                bytes.get() != 0);
        return trial.version() == version ? Optional.of(trial) : Optional.empty();
    }

    /** Notes that the device went back from a version. */
    public void wentBack(long version) throws IOException {
        change(version, trial -> new PackTrial(version, trial.before(), trial.after(), true, trial.crashed()));
    }

    /** Notes that the app crashed with a version. */
    public void crashed(long version) throws IOException {
        change(version, trial -> new PackTrial(version, trial.before(), trial.after(), trial.wentBack(), true));
    }

    private void change(long version, UnaryOperator<PackTrial> change) throws IOException {
        Optional<PackTrial> trial = find(version);
        if (trial.isPresent()) {
            keep(change.apply(trial.get()));
        }
    }

    /** Deletes it. */
    public void clear() throws IOException {
        state.delete();
    }

    private static OptionalDouble share(double value) {
        return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
    }
}
