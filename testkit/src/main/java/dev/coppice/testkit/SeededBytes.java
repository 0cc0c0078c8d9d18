package dev.coppice.testkit;

import java.util.SplittableRandom;

/**
 * Bytes that look random and are the same for the same seed, for use as {@code new SeededBytes(7)::fill} where a source
 * of randomness is asked for. Nothing made with it is secret. Safe for use by several threads, though only one thread
 * sees the same bytes every time.
 */
public final class SeededBytes {
    private final SplittableRandom random;

    public SeededBytes(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Overwrites all of {@code bytes} with the next ones. */
    public synchronized void fill(byte[] bytes) {
        random.nextBytes(bytes);
    }
}
