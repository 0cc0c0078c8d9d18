package dev.coppice.agent.install;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.agent.store.Frames;
import dev.coppice.agent.store.StateFile;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The personal adapter, bound to the pack it was trained from. Under another pack it is set aside, not lost: it is
 * back when its pack is, until a new one is kept. Use on one thread.
 */
public final class PersonalShelf {
    private static final int BYTES_MAX = 1 << 28;

    private final Path file;
    private final StateFile state;

    /**
     * @param home of the agent
     * @param key of the home; stays the caller's
     */
    public PersonalShelf(Path home, StorageKey key) {
        file = home.resolve("personal");
        state = new StateFile(file, BYTES_MAX, key);
    }

    /** Keeps weights, durably, for as long as what they are bound to is in use. */
    public void keep(String binding, AdapterWeights weights) throws IOException {
        state.write(Frames.join(List.of(Frames.utf8(binding), Safetensors.write(weights))));
    }

    /** The weights that were kept for this binding, if they were the last ones kept. */
    public Optional<AdapterWeights> find(String binding, ParameterLayout layout) throws IOException {
        Optional<byte[]> stored = state.read();
        if (stored.isEmpty()) {
            return Optional.empty();
        }
        try {
            List<byte[]> parts = Frames.split(stored.get());
            if (parts.size() != 2 || !Frames.text(parts.get(0)).equals(binding)) {
                return Optional.empty();
            }
            return Optional.of(Safetensors.read(parts.get(1), layout));
        } catch (Frames.MalformedException | FormatRefusedException e) {
            throw new StoreBrokenException(file, "it is no personal adapter");
        }
    }
}
