package dev.coppice.simulator.world;

import dev.coppice.crypto.RandomSource;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Chances and choices drawn from a {@link RandomSource}. Use on one thread. */
public final class Dice {
    private final RandomSource random;

    public Dice(RandomSource random) {
        this.random = random;
    }

    /** Uniform in [0, 1) with 53 bits. */
    public double chance() {
        return (next() >>> 11) * 0x1.0p-53;
    }

    /**
     * Uniform in [0, {@code bound}) without bias.
     *
     * @param bound at least 1
     */
    public int below(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("bound must be at least 1: " + bound);
        }
        long limit = Long.MAX_VALUE - Long.MAX_VALUE % bound;
        long drawn;
        do {
            drawn = next() >>> 1;
        } while (drawn >= limit);
        return (int) (drawn % bound);
    }

    /** A copy in random order. */
    public <T> List<T> shuffled(List<T> items) {
        List<T> copy = new ArrayList<>(items);
        for (int i = copy.size() - 1; i > 0; i--) {
            Collections.swap(copy, i, below(i + 1));
        }
        return copy;
    }

    private long next() {
        byte[] bytes = new byte[Long.BYTES];
        random.fill(bytes);
        return ByteBuffer.wrap(bytes).getLong();
    }
}
