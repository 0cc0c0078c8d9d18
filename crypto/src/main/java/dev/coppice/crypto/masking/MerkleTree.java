package dev.coppice.crypto.masking;

import dev.coppice.crypto.Sha256;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A hash tree over a cohort: whoever knows the root can be shown that one leaf has one place in it. Leaves, inner nodes
 * and the root are hashed with a different first byte each, a leaf with its index and the root with the number of
 * leaves, so that none can be passed off as another. Where a level is odd, its last node moves up as it is.
 */
final class MerkleTree {
    private static final byte[] LEAF = {0};
    private static final byte[] NODE = {1};
    private static final byte[] ROOT = {2};

    private final List<byte[][]> levels = new ArrayList<>();

    /** @param leaves at least one */
    MerkleTree(List<byte[]> leaves) {
        byte[][] level = new byte[leaves.size()][];
        for (int i = 0; i < level.length; i++) {
            level[i] = leaf(i, leaves.get(i));
        }
        levels.add(level);
        while (level.length > 1) {
            level = above(level);
            levels.add(level);
        }
    }

    byte[] root() {
        return root(levels.get(0).length, levels.get(levels.size() - 1)[0]);
    }

    /** The hashes that lead from some leaves to the root: level by level from the leaves, each from left to right. */
    byte[] proof(SortedSet<Integer> indices) {
        ByteArrayOutputStream hashes = new ByteArrayOutputStream();
        SortedSet<Integer> known = indices;
        for (byte[][] level : levels) {
            SortedSet<Integer> parents = new TreeSet<>();
            for (int at : known) {
                int sibling = at ^ 1;
                if (sibling < level.length && !known.contains(sibling)) {
                    hashes.writeBytes(level[sibling]);
                }
                parents.add(at >> 1);
            }
            known = parents;
        }
        return hashes.toByteArray();
    }

    /**
     * Whether each of {@code leaves}, at least one, has its index as place among the {@code size} leaves below
     * {@code root}.
     */
    static boolean proves(byte[] root, int size, SortedMap<Integer, byte[]> leaves, byte[] proof) {
        if (leaves.isEmpty() || leaves.firstKey() < 0 || leaves.lastKey() >= size) {
            return false;
        }
        SortedMap<Integer, byte[]> known = new TreeMap<>();
        leaves.forEach((index, content) -> known.put(index, leaf(index, content)));
        ByteBuffer hashes = ByteBuffer.wrap(proof);
        for (int width = size; width > 1; width = (width + 1) / 2) {
            SortedMap<Integer, byte[]> parents = new TreeMap<>();
            for (var node : known.entrySet()) {
                int at = node.getKey();
                int sibling = at ^ 1;
                if (sibling >= width) {
                    parents.put(at >> 1, node.getValue());
                } else if (!parents.containsKey(at >> 1)) {
                    byte[] other = known.get(sibling);
                    if (other == null) {
                        if (hashes.remaining() < Sha256.BYTES) {
                            return false;
                        }
                        other = new byte[Sha256.BYTES];
                        hashes.get(other);
                    }
                    byte[] own = node.getValue();
                    parents.put(at >> 1, at < sibling ? Sha256.hash(NODE, own, other) : Sha256.hash(NODE, other, own));
                }
            }
            known.clear();
            known.putAll(parents);
        }
        return !hashes.hasRemaining() && Arrays.equals(root, root(size, known.getOrDefault(0, new byte[0])));
    }

    private static byte[][] above(byte[][] level) {
        byte[][] above = new byte[(level.length + 1) / 2][];
        for (int i = 0; i < above.length; i++) {
            boolean pair = 2 * i + 1 < level.length;
            above[i] = pair ? Sha256.hash(NODE, level[2 * i], level[2 * i + 1]) : level[2 * i];
        }
        return above;
    }

    private static byte[] leaf(int index, byte[] content) {
        return Sha256.hash(LEAF, bytes(index), content);
    }

    private static byte[] root(int size, byte[] top) {
        return Sha256.hash(ROOT, bytes(size), top);
    }

    private static byte[] bytes(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }
}
