package dev.coppice.crypto.masking;

import dev.coppice.crypto.internal.MaskStream;

/** Numbers from a seed's key stream, each without bias. */
final class Draws {
    private static final long UNSIGNED = 0xffffffffL;

    private final int[] words;
    private int used;

    /** @param count draws at most */
    Draws(byte[] seed, int count) {
        words = new int[2 * count + 64]; // a draw is rejected with a chance below size / 2^32
        new MaskStream().add(seed, words);
    }

    int below(int bound) {
        long usable = (1L << Integer.SIZE) / bound * bound;
        long word;
        do {
            word = words[used++] & UNSIGNED;
        } while (word >= usable);
        return (int) (word % bound);
    }
}
