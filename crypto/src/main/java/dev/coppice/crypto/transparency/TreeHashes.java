package dev.coppice.crypto.transparency;

import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Hashes of a Merkle tree over a list that grows (RFC 6962, section 2.1), and what follows from them. {@code level} 0 is the
 * leaves; the node {@code index} of a level stands for the leaves from {@code index << level} on, {@code 1 << level} of them.
 */
final class TreeHashes {
    private TreeHashes() {}

    /** Where hashes of complete subtrees come from; whether they are right is for the caller to find out. */
    @FunctionalInterface
    interface Nodes {
        byte[] hash(int level, long index) throws LogRefusedException, IOException, InterruptedException;
    }

    static byte[] leaf(byte[] entry) {
        return Sha256.hash(new byte[] {0}, entry);
    }

    static byte[] node(byte[] left, byte[] right) {
        return Sha256.hash(new byte[] {1}, left, right);
    }

    /** The hash of leaves {@code begin} to {@code end}, where {@code begin} is a multiple of a power of two that covers them. */
    static byte[] range(Nodes nodes, long begin, long end)
            throws LogRefusedException, IOException, InterruptedException {
        long count = end - begin;
        if (count == 0) {
            return Sha256.hash();
        }
        if (Long.bitCount(count) == 1) {
            int level = Long.numberOfTrailingZeros(count);
            return nodes.hash(level, begin >> level);
        }
        long left = Long.highestOneBit(count);
        return node(range(nodes, begin, begin + left), range(nodes, begin + left, end));
    }

    /** The hashes beside the way from a leaf up to the root of a tree of {@code size} (RFC 6962, section 2.1.1). */
    static List<byte[]> inclusion(Nodes nodes, long leaf, long size)
            throws LogRefusedException, IOException, InterruptedException {
        List<byte[]> proof = new ArrayList<>();
        long begin = 0;
        long end = size;
        while (end - begin > 1) {
            long split = begin + split(end - begin);
            if (leaf < split) {
                proof.add(0, range(nodes, split, end));
                end = split;
            } else {
                proof.add(0, range(nodes, begin, split));
                begin = split;
            }
        }
        return proof;
    }

    /** The hashes that show a tree of {@code older} to be the beginning of one of {@code size} (section 2.1.2). */
    static List<byte[]> consistency(Nodes nodes, long older, long size)
            throws LogRefusedException, IOException, InterruptedException {
        List<byte[]> proof = new ArrayList<>();
        long begin = 0;
        long end = size;
        long cut = older;
        while (cut != end) {
            long split = begin + split(end - begin);
            if (cut <= split) {
                proof.add(0, range(nodes, split, end));
                end = split;
            } else {
                proof.add(0, range(nodes, begin, split));
                begin = split;
            }
        }
        if (begin != 0) {
            proof.add(0, range(nodes, begin, end));
        }
        return proof;
    }

    /** Whether a proof leads from a leaf to a root (RFC 9162, section 2.1.3.2). */
    static boolean includes(byte[] leafHash, long leaf, long size, List<byte[]> proof, byte[] root) {
        if (leaf < 0 || leaf >= size) {
            return false;
        }
        long node = leaf;
        long last = size - 1;
        byte[] hash = leafHash;
        for (byte[] sibling : proof) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                hash = node(sibling, hash);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                hash = node(hash, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && Arrays.equals(hash, root);
    }

    /** Whether a proof leads from one root to another of a tree that begins with all of it (RFC 9162, section 2.1.4.2). */
    static boolean isPrefix(long older, byte[] olderRoot, long size, byte[] root, List<byte[]> proof) {
        if (older == size) {
            return proof.isEmpty() && Arrays.equals(olderRoot, root);
        }
        if (older < 1 || older > size || proof.isEmpty()) {
            return false;
        }
        List<byte[]> path = new ArrayList<>(proof);
        if (Long.bitCount(older) == 1) {
            path.add(0, olderRoot);
        }
        long node = older - 1;
        long last = size - 1;
        while ((node & 1) == 1) {
            node >>= 1;
            last >>= 1;
        }
        byte[] from = path.get(0);
        byte[] to = path.get(0);
        for (byte[] sibling : path.subList(1, path.size())) {
            if (last == 0) {
                return false;
            }
            if ((node & 1) == 1 || node == last) {
                from = node(sibling, from);
                to = node(sibling, to);
                while ((node & 1) == 0 && node != 0) {
                    node >>= 1;
                    last >>= 1;
                }
            } else {
                to = node(to, sibling);
            }
            node >>= 1;
            last >>= 1;
        }
        return last == 0 && Arrays.equals(from, olderRoot) && Arrays.equals(to, root);
    }

    /** The largest power of two below {@code count}. */
    private static long split(long count) {
        return Long.highestOneBit(count - 1);
    }
}
