package dev.coppice.agent.store;

import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What this device was shown of the last {@value #ROUNDS_MAX} rounds whose survivors it attested, in one file that is
 * replaced whole. Whoever tells otherwise of one of them later is wrong. Use on one thread.
 */
public final class SeenRounds {
    /** Rounds that are kept; the oldest goes for the next. At the default budget that is a device's life. */
    public static final int ROUNDS_MAX = 500;

    private static final int ID_BYTES_MAX = 64;
    private static final int HASH_BYTES = 32;
    private static final int RECORD_BYTES_MAX = 3 * Integer.BYTES + ID_BYTES_MAX + 2 * HASH_BYTES;

    private final Path path;
    private final StateFile file;

    /**
     * One round.
     *
     * @param termsSha256 H(D), 64 hexadecimal digits
     * @param transcriptSha256 of terms, roster and survivors, as many
     */
    public record Seen(String termsSha256, String transcriptSha256) {}

    /**
     * The rounds of a home.
     *
     * @param key of the home; stays the caller's
     */
    public SeenRounds(Path home, StorageKey key) {
        this.path = home.resolve("rounds");
        this.file = new StateFile(path, ROUNDS_MAX * RECORD_BYTES_MAX, key);
    }

    /** Keeps a round, durably; one that is known stays as it was first seen. */
    public void keep(String roundId, Seen seen) throws IOException {
        Map<String, Seen> rounds = all();
        if (rounds.putIfAbsent(roundId, seen) != null) {
            return;
        }
        Iterator<String> oldest = rounds.keySet().iterator();
        while (rounds.size() > ROUNDS_MAX) {
            oldest.next();
            oldest.remove();
        }
        write(rounds);
    }

    /** Deletes all. */
    public void clear() throws IOException {
        file.delete();
    }

    /** What was seen of each round, by its id, the oldest first. */
    public Map<String, Seen> all() throws IOException {
        Map<String, Seen> rounds = new LinkedHashMap<>();
        Optional<byte[]> stored = file.read();
        if (stored.isEmpty()) {
            return rounds;
        }
        try {
            List<byte[]> parts = Frames.split(stored.get());
            for (int i = 0; i < parts.size(); i += 3) {
                rounds.put(Frames.text(parts.get(i)), new Seen(hex(parts.get(i + 1)), hex(parts.get(i + 2))));
            }
            return rounds;
        } catch (Frames.MalformedException | IndexOutOfBoundsException e) {
            throw new StoreBrokenException(path, "it is no list of rounds");
        }
    }

    private void write(Map<String, Seen> rounds) throws IOException {
        List<byte[]> parts = new ArrayList<>();
        rounds.forEach((id, seen) -> {
            parts.add(Frames.utf8(id));
            parts.add(HexFormat.of().parseHex(seen.termsSha256()));
            parts.add(HexFormat.of().parseHex(seen.transcriptSha256()));
        });
        file.write(Frames.join(parts));
    }

    private static String hex(byte[] hash) throws Frames.MalformedException {
        if (hash.length != HASH_BYTES) {
            throw new Frames.MalformedException("a hash of another length");
        }
        return HexFormat.of().formatHex(hash);
    }
}
