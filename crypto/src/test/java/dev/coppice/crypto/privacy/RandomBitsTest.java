package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RandomBitsTest {
    /** From {@code openssl enc -aes-256-ctr} over zeros: devices of any make must flip the same signs. */
    @Test
    void wordsAreTheKeystreamOfAesInCounterMode() {
        var bits = new RandomBits(key());
        assertThat(bits.nextInt32()).isEqualTo(0xB60090F2L);
        assertThat(bits.nextInt32()).isEqualTo(0xD09F492AL);
    }

    @Test
    void singleBitsComeFromTheLeastSignificantOne() {
        long word = new RandomBits(key()).nextInt32();
        var bits = new RandomBits(key());
        for (int i = 0; i < 32; i++) {
            assertThat(bits.nextBit()).isEqualTo((word >>> i & 1) == 1);
        }
    }

    @Test
    void theStreamGoesOnBeyondItsBuffer() {
        var bits = new RandomBits(key());
        long[] words = new long[5000];
        for (int i = 0; i < words.length; i++) {
            words[i] = bits.nextInt32();
        }
        assertThat(words).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 10, 113})
    void everyValueBelowABoundIsEquallyLikely(int bound) {
        var bits = new RandomBits(key());
        long[] counts = new long[bound];
        double[] expected = new double[bound];
        for (int i = 0; i < 100_000; i++) {
            counts[bits.below(bound)]++;
        }
        Arrays.fill(expected, 100_000.0 / bound);
        if (bound > 1) {
            ChiSquare.assertFits(counts, expected);
        }
    }

    /** 3/8 of 2^32: without rejection, every third value would come two times where the others come three. */
    @Test
    void aBoundThatDividesBadlyIsFairToo() {
        var bits = new RandomBits(key());
        int bound = 3 << 29;
        long[] counts = new long[3];
        for (int i = 0; i < 300_000; i++) {
            counts[bits.below(bound) % 3]++;
        }
        ChiSquare.assertFits(counts, new double[] {100_000, 100_000, 100_000});
    }

    private static byte[] key() {
        byte[] key = new byte[RandomBits.KEY_BYTES];
        for (int i = 0; i < key.length; i++) {
            key[i] = (byte) i;
        }
        return key;
    }
}
