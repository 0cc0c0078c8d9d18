package dev.coppice.agent.install;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.agent.store.Frames;
import dev.coppice.agent.store.State;
import dev.coppice.agent.store.StateFile;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The factors that this device trained in the rounds of a task and never hands out, where a task shares the other factor
 * alone. Those of one task are kept, the last that it took part in. Use on one thread.
 */
public final class OwnFactors {
    private static final int BYTES_MAX = 1 << 28;
    private static final int PARTS = 2;

    private final State state;

    /**
     * @param home of the agent
     * @param key of the home; stays the caller's
     */
    public OwnFactors(Path home, StorageKey key) {
        this(new StateFile(home.resolve("factors"), BYTES_MAX, key));
    }

    /** Factors that are kept elsewhere than in a home. */
    public OwnFactors(State state) {
        this.state = state;
    }

    /** Replaces what is kept, durably. */
    public void keep(String task, AdapterWeights factors) throws IOException {
        state.write(Frames.join(List.of(Frames.utf8(task), Safetensors.write(factors))));
    }

    /** What was kept last, if it is of this task and has this layout. */
    public Optional<AdapterWeights> find(String task, ParameterLayout layout) throws IOException {
        Optional<byte[]> stored = state.read();
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        try {
            List<byte[]> parts = Frames.split(stored.get());
            if (parts.size() != PARTS) {
                throw new IOException("the file of own factors holds none");
            }
            if (!Frames.text(parts.get(0)).equals(task)) {
                return Optional.empty();
            }
            return Optional.of(Safetensors.read(parts.get(1), layout));
        } catch (Frames.MalformedException | FormatRefusedException e) {
            throw new IOException("the file of own factors holds none of this adapter");
        }
    }

    /** What was kept last, of whatever task, if it has this layout. */
    public Optional<AdapterWeights> latest(ParameterLayout layout) throws IOException {
        Optional<byte[]> stored = state.read();
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Safetensors.read(Frames.split(stored.get()).get(1), layout));
        } catch (FormatRefusedException e) {
            return Optional.empty(); // of an adapter of another form: the app has changed
        } catch (Frames.MalformedException | IndexOutOfBoundsException e) {
            throw new IOException("the file of own factors holds none");
        }
    }

    public void clear() throws IOException {
        state.delete();
    }
}
