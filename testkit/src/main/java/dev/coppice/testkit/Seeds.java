package dev.coppice.testkit;

import java.util.stream.LongStream;

/**
 * The seeds that a seeded law is tried with.
 *
 * <p>Use as {@code @MethodSource("dev.coppice.testkit.Seeds#all")} on a test with one {@code long} parameter. The
 * system property {@code seeds} says how many (3 where absent); {@code seed} replays exactly one.
 */
public final class Seeds {
    private static final int COUNT_DEFAULT = 3;

    private Seeds() {}

    /** The one seed of the property {@code seed} if that is set; otherwise 1, 2, … up to {@code seeds}. */
    public static LongStream all() {
        return from(System.getProperty("seed", ""), System.getProperty("seeds", ""));
    }

    static LongStream from(String one, String count) {
        if (!one.isBlank()) {
            return LongStream.of(Long.parseLong(one.strip()));
        }
        int seeds = count.isBlank() ? COUNT_DEFAULT : Integer.parseInt(count.strip());
        if (seeds < 1) {
            throw new IllegalArgumentException("A law tried with no seed proves nothing: seeds=" + seeds);
        }
        return LongStream.rangeClosed(1, seeds);
    }
}
