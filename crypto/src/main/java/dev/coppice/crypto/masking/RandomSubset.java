package dev.coppice.crypto.masking;

import dev.coppice.crypto.RandomSource;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;

/** Some members of a set, each choice as likely as any other: the first steps of Fisher and Yates. */
final class RandomSubset {
    private RandomSubset() {}

    /** Ascending; all members if there are no more than {@code count}. */
    static int[] of(BitSet set, int count, RandomSource random) {
        int[] members = set.stream().toArray();
        int taken = Math.min(count, members.length);
        for (int i = 0; i < taken; i++) {
            int j = i + below(members.length - i, random);
            int chosen = members[j];
            members[j] = members[i];
            members[i] = chosen;
        }
        int[] subset = Arrays.copyOf(members, taken);
        Arrays.sort(subset);
        return subset;
    }

    private static int below(int bound, RandomSource random) {
        long usable = (1L << Integer.SIZE) / bound * bound;
        long word;
        do {
            word = Integer.toUnsignedLong(
                    ByteBuffer.wrap(random.bytes(Integer.BYTES)).getInt());
        } while (word >= usable);
        return (int) (word % bound);
    }
}
