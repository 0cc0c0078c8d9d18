package dev.coppice.crypto.transparency;

import dev.coppice.crypto.Sha256;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The address of a tile (C2SP tlog-tiles): up to 256 hashes that stand side by side in one level of the tree, or the entries of
 * as many leaves.
 *
 * @param level 0 for hashes of leaves, 1 for what 256 of them come to, and so on; -1 for entries
 * @param index which of the level's tiles
 * @param width hashes or entries in it, 1 to 256; a tile that is not full is another file than the full one
 */
record Tile(int level, long index, int width) {
    static final int WIDTH = 256;
    /** Levels of the tree from one level of tiles to the next. */
    static final int LEVELS = 8;

    static final int HASH_BYTES = Sha256.BYTES;
    static final int ENTRIES = -1;
    private static final int LEVEL_MAX = 7;
    private static final Pattern PATH =
            Pattern.compile("tile/(entries|[0-7])/((?:x[0-9]{3}/){0,5}[0-9]{3})(?:\\.p/([1-9][0-9]{0,2}))?");

    Tile {
        if (level < ENTRIES || level > LEVEL_MAX || index < 0 || width < 1 || width > WIDTH) {
            throw new IllegalArgumentException("no tile has this address");
        }
    }

    /** The tile of hashes with one of a level of tiles, as wide as a tree of {@code size} makes it. */
    static Tile of(int level, long hash, long size) {
        long count = size >> (LEVELS * level);
        long first = hash / WIDTH * WIDTH;
        return new Tile(level, hash / WIDTH, (int) Math.min(WIDTH, count - first));
    }

    String path() {
        StringBuilder groups = new StringBuilder(String.format(Locale.ROOT, "%03d", index % 1000));
        for (long rest = index / 1000; rest > 0; rest /= 1000) {
            groups.insert(0, String.format(Locale.ROOT, "x%03d/", rest % 1000));
        }
        return "tile/" + (level == ENTRIES ? "entries" : level) + "/" + groups + (width == WIDTH ? "" : ".p/" + width);
    }

    /** The tile of a path; empty for what is none. */
    static Optional<Tile> parse(String path) {
        Matcher parts = PATH.matcher(path);
        if (!parts.matches()) {
            return Optional.empty();
        }
        long index = Long.parseLong(parts.group(2).replace("x", "").replace("/", ""));
        String partial = parts.group(3);
        int width = partial == null ? WIDTH : Integer.parseInt(partial);
        if (width > WIDTH || (partial != null && width == WIDTH)) {
            return Optional.empty();
        }
        int level = parts.group(1).equals("entries") ? ENTRIES : Integer.parseInt(parts.group(1));
        Tile tile = new Tile(level, index, width);
        return tile.path().equals(path) ? Optional.of(tile) : Optional.empty(); // a number has one way to be written
    }
}
