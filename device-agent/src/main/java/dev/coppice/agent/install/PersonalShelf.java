package dev.coppice.agent.install;

import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.agent.store.Frames;
import dev.coppice.agent.store.StateFile;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The last few personal adapters, each bound to the pack it was trained from. Under another pack it is set aside, not
 * lost: it is back when its pack is. Use on one thread.
 */
public final class PersonalShelf {
    private static final int KEPT_MAX = 4;
    private static final int BYTES_MAX = 1 << 28;
    private static final int ABOUT_BYTES = 2 * Integer.BYTES + Double.BYTES;
    private static final int PARTS = 3;

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

    /** Keeps an adapter, durably; it is in use for as long as what it is bound to is. */
    public void keep(String binding, PersonalAdapter adapter) throws IOException {
        List<byte[]> parts = new ArrayList<>(stored());
        parts.add(Frames.utf8(binding));
        parts.add(Safetensors.write(adapter.weights()));
        parts.add(ByteBuffer.allocate(ABOUT_BYTES)
                .putInt(adapter.examples())
                .putInt(adapter.positions())
                .putDouble(adapter.accuracy())
                .array());
        replace(parts.subList(Math.max(0, parts.size() - KEPT_MAX * PARTS), parts.size()));
    }

    /** The adapter that was kept last for this binding. */
    public Optional<PersonalAdapter> find(String binding, ParameterLayout layout) throws IOException {
        List<byte[]> parts = stored();
        int at = last(parts, binding);
        if (at < 0) {
            return Optional.empty();
        }
        try {
            ByteBuffer about = ByteBuffer.wrap(parts.get(at + 2));
            return Optional.of(new PersonalAdapter(
                    Safetensors.read(parts.get(at + 1), layout), about.getInt(), about.getInt(), about.getDouble()));
        } catch (FormatRefusedException e) {
            throw new StoreBrokenException(file, "it is no personal adapter");
        }
    }

    /**
     * Deletes the adapter that was kept last for this binding; the one before it, if there is one, is in use again.
     *
     * @return whether there was one
     */
    public boolean rollBack(String binding) throws IOException {
        List<byte[]> parts = new ArrayList<>(stored());
        int at = last(parts, binding);
        if (at >= 0) {
            parts.subList(at, at + PARTS).clear();
            replace(parts);
        }
        return at >= 0;
    }

    /** Deletes all. */
    public void clear() throws IOException {
        state.delete();
    }

    private int last(List<byte[]> parts, String binding) throws StoreBrokenException {
        for (int at = parts.size() - PARTS; at >= 0; at -= PARTS) {
            try {
                if (Frames.text(parts.get(at)).equals(binding)) {
                    return at;
                }
            } catch (Frames.MalformedException e) {
                throw new StoreBrokenException(file, e.what());
            }
        }
        return -1;
    }

    private List<byte[]> stored() throws IOException {
        Optional<byte[]> bytes = state.read();
        if (bytes.isEmpty()) {
            return List.of();
        }
        try {
            List<byte[]> parts = Frames.split(bytes.get());
            boolean whole = parts.size() % PARTS == 0;
            for (int at = PARTS - 1; whole && at < parts.size(); at += PARTS) {
                whole = parts.get(at).length == ABOUT_BYTES;
            }
            if (whole) {
                return parts;
            }
        } catch (Frames.MalformedException e) {
            // as bad as a wrong number of parts
        }
        throw new StoreBrokenException(file, "it is no shelf of personal adapters");
    }

    private void replace(List<byte[]> parts) throws IOException {
        if (parts.isEmpty()) {
            state.delete();
        } else {
            state.write(Frames.join(parts));
        }
    }
}
