package dev.coppice.crypto.transparency;

import dev.coppice.crypto.trust.Fetcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A log as whoever does not trust its server reads it. For one thread at a time. */
public final class LogReader {
    private final Fetcher fetcher;
    private final LogKey log;

    /** @param fetcher gets {@code checkpoint} and tiles by their paths */
    public LogReader(Fetcher fetcher, LogKey log) {
        this.fetcher = fetcher;
        this.log = log;
    }

    /**
     * The latest checkpoint, which continues what was seen before.
     *
     * @param seen the last one
     * @throws LogRefusedException if it is not signed, or entries were taken out or changed
     * @throws IOException if the log cannot be reached
     */
    public Checkpoint latest(Optional<Checkpoint> seen) throws LogRefusedException, IOException, InterruptedException {
        byte[] note = fetcher.find("checkpoint", Checkpoint.BYTES_MAX)
                .orElseThrow(() -> new LogRefusedException("there is no checkpoint"));
        Checkpoint latest = Checkpoint.verified(note, log);
        if (seen.isPresent() && seen.get().size() > 0) {
            Checkpoint old = seen.get();
            if (latest.size() < old.size()) {
                throw new LogRefusedException("the log was shortened");
            }
            boolean continued = TreeHashes.isPrefix(
                    old.size(),
                    old.root(),
                    latest.size(),
                    latest.root(),
                    TreeHashes.consistency(new Tiles(latest.size())::hash, old.size(), latest.size()));
            if (!continued) {
                throw new LogRefusedException("the log was changed behind what was seen of it");
            }
        }
        return latest;
    }

    /**
     * That an entry is in the log.
     *
     * @param position where, by whoever's word
     * @throws LogRefusedException if it is not
     */
    public void requireEntry(Checkpoint checkpoint, String entry, long position)
            throws LogRefusedException, IOException, InterruptedException {
        if (position < 0 || position >= checkpoint.size()) {
            throw new LogRefusedException("the log is shorter");
        }
        byte[] leaf = TreeHashes.leaf(entry.getBytes(StandardCharsets.UTF_8));
        boolean included = TreeHashes.includes(
                leaf,
                position,
                checkpoint.size(),
                TreeHashes.inclusion(new Tiles(checkpoint.size())::hash, position, checkpoint.size()),
                checkpoint.root());
        if (!included) {
            throw new LogRefusedException("it is not in the log");
        }
    }

    /** Hashes out of the tiles of a tree, fetched when they are first needed. Nobody vouches for them. */
    private final class Tiles {
        private final long size;
        private final Map<Tile, byte[]> fetched = new HashMap<>();

        Tiles(long size) {
            this.size = size;
        }

        /** One that stands in a tile, or what a few of those below it come to. */
        byte[] hash(int level, long index) throws LogRefusedException, IOException, InterruptedException {
            if (level % Tile.LEVELS != 0) {
                return TreeHashes.node(hash(level - 1, 2 * index), hash(level - 1, 2 * index + 1));
            }
            Tile tile = Tile.of(level / Tile.LEVELS, index, size);
            int place = (int) (index % Tile.WIDTH) * Tile.HASH_BYTES;
            return Arrays.copyOfRange(content(tile), place, place + Tile.HASH_BYTES);
        }

        private byte[] content(Tile tile) throws LogRefusedException, IOException, InterruptedException {
            byte[] known = fetched.get(tile);
            if (known != null) {
                return known;
            }
            int bytes = tile.width() * Tile.HASH_BYTES;
            byte[] content = fetcher.find(tile.path(), bytes)
                    .orElseThrow(() -> new LogRefusedException("the log has no " + tile.path()));
            if (content.length != bytes) {
                throw new LogRefusedException("a tile has another length");
            }
            fetched.put(tile, content);
            return content;
        }
    }
}
