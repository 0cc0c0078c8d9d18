package dev.coppice.adapters.runtime;

import java.nio.ByteBuffer;

/**
 * A stream of keep-or-drop decisions drawn from a seed by SplitMix64 (Steele et al. 2014), the same in every engine.
 * Probabilities are rounded to 1/65,536. No secrets come of it.
 */
final class DropoutMasks {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final int DRAW_BITS = 16;

    private long state;

    DropoutMasks(long seed) {
        this.state = seed;
    }

    /** Sets every byte to 1 with probability {@code keep}, else to 0. */
    void fill(ByteBuffer mask, double keep) {
        long below = Math.round(keep * (1 << DRAW_BITS));
        long drawn = 0;
        for (int i = 0; i < mask.limit(); i++) {
            int part = i % (Long.SIZE / DRAW_BITS);
            drawn = part == 0 ? next() : drawn >>> DRAW_BITS;
            mask.put(i, (byte) ((drawn & 0xffff) < below ? 1 : 0));
        }
    }

    private long next() {
        state += GOLDEN;
        long z = (state ^ state >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
