package dev.coppice.agent.store;

import dev.coppice.crypto.sealing.StorageKey;
import dev.coppice.crypto.trust.MetadataStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The metadata of the repository that this device has verified, in one file that is replaced whole. Whoever could put an
 * older one in its place could make the device forget what it has seen. Use on one thread.
 */
public final class TrustedFiles implements MetadataStore {
    private static final int BYTES_MAX = 1 << 25;

    private final StateFile state;
    private final Map<String, byte[]> byRole;

    private TrustedFiles(StateFile state, Map<String, byte[]> byRole) {
        this.state = state;
        this.byRole = byRole;
    }

    /**
     * Opens the metadata of a home; none if nothing was ever verified.
     *
     * @throws StoreBrokenException if the file was changed by someone else
     */
    public static TrustedFiles open(Path home, StorageKey key) throws IOException {
        Path file = home.resolve("trust");
        StateFile state = new StateFile(file, BYTES_MAX, key);
        Optional<byte[]> stored = state.read();
        Map<String, byte[]> byRole = new TreeMap<>();
        if (stored.isPresent()) {
            try {
                List<byte[]> parts = Frames.split(stored.get());
                if (parts.size() % 2 != 0) {
                    throw new Frames.MalformedException("each role has one file");
                }
                for (int i = 0; i < parts.size(); i += 2) {
                    byRole.put(Frames.text(parts.get(i)), parts.get(i + 1));
                }
            } catch (Frames.MalformedException e) {
                throw new StoreBrokenException(file, e.what());
            }
        }
        return new TrustedFiles(state, byRole);
    }

    @Override
    public Optional<byte[]> find(String role) {
        return Optional.ofNullable(byRole.get(role)).map(byte[]::clone);
    }

    @Override
    public void keep(String role, byte[] file) throws IOException {
        Map<String, byte[]> next = new TreeMap<>(byRole);
        next.put(role, file.clone());
        List<byte[]> parts = new ArrayList<>();
        next.forEach((name, content) -> {
            parts.add(Frames.utf8(name));
            parts.add(content);
        });
        state.write(Frames.join(parts));
        byRole.putAll(next);
    }
}
