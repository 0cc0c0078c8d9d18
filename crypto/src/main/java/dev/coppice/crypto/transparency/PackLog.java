package dev.coppice.crypto.transparency;

import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.SigningKey;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** A log as its server has it, all of it in memory: a log of packs has some thousands of entries. Safe for several threads. */
public final class PackLog {
    private static final int ENTRY_BYTES_MAX = 1 << 12;

    private final String name;
    private final SigningKey key;
    private final List<byte[]> entries = new ArrayList<>();
    private final List<List<byte[]>> levels = new ArrayList<>();
    private final Map<String, Long> positions = new HashMap<>();

    /** @param key stays the caller's */
    public PackLog(String name, SigningKey key) {
        this.name = name;
        this.key = key;
        new LogKey(name, key.verifyingKey());
    }

    /** Whom to believe. */
    public LogKey key() {
        return new LogKey(name, key.verifyingKey());
    }

    /** How many entries there are. */
    public synchronized long size() {
        return entries.size();
    }

    /** Adds an entry of at most 4 KiB at the end, also if it is there already. */
    public synchronized void add(String entry) {
        byte[] bytes = entry.getBytes(StandardCharsets.UTF_8);
        if (bytes.length > ENTRY_BYTES_MAX) {
            throw new IllegalArgumentException("an entry has at most " + ENTRY_BYTES_MAX + " bytes");
        }
        positions.putIfAbsent(Sha256.hex(bytes), (long) entries.size());
        entries.add(bytes);
        byte[] hash = TreeHashes.leaf(bytes);
        for (int level = 0; ; level++) {
            if (levels.size() == level) {
                levels.add(new ArrayList<>());
            }
            List<byte[]> hashes = levels.get(level);
            hashes.add(hash);
            if (hashes.size() % 2 == 1) {
                return;
            }
            hash = TreeHashes.node(hashes.get(hashes.size() - 2), hash);
        }
    }

    /** Where an entry is, by its SHA-256: a hint for whoever checks it. */
    public synchronized OptionalLong position(String entrySha256) {
        Long position = positions.get(entrySha256);
        return position == null ? OptionalLong.empty() : OptionalLong.of(position);
    }

    /** A file of the log: {@code checkpoint}, or a tile. */
    public synchronized Optional<byte[]> find(String path) {
        if (path.equals("checkpoint")) {
            return Optional.of(
                    Checkpoint.sign(name, entries.size(), root(), key).getBytes(StandardCharsets.UTF_8));
        }
        return Tile.parse(path).flatMap(this::content);
    }

    private Optional<byte[]> content(Tile tile) {
        List<byte[]> source = tile.level() == Tile.ENTRIES ? entries : level(Tile.LEVELS * tile.level());
        long first = tile.index() * Tile.WIDTH;
        if (first + tile.width() > source.size()) {
            return Optional.empty();
        }
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : source.subList((int) first, (int) first + tile.width())) {
            if (tile.level() == Tile.ENTRIES) { // each entry after its length, two bytes big-endian
                content.write(part.length >> 8);
                content.write(part.length);
            }
            content.writeBytes(part);
        }
        return Optional.of(content.toByteArray());
    }

    private List<byte[]> level(int level) {
        return level < levels.size() ? levels.get(level) : List.of();
    }

    /** Folds the complete subtrees, the smallest one first. */
    private byte[] root() {
        byte[] root = Sha256.hash();
        boolean begun = false;
        for (List<byte[]> hashes : levels) {
            if (hashes.size() % 2 == 1) {
                byte[] subtree = hashes.get(hashes.size() - 1);
                root = begun ? TreeHashes.node(subtree, root) : subtree;
                begun = true;
            }
        }
        return root;
    }
}
