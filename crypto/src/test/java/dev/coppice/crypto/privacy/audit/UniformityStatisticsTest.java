package dev.coppice.crypto.privacy.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.internal.BitPacking;
import dev.coppice.protocol.round.MaskedInput;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UniformityStatisticsTest {
    private static final int COUNT = 4096;
    private static final int BITS = 18;
    private final Uniformity uniformity = new Uniformity(BITS);

    /** Each test alone must be wrong as often as it says, far out too: 8,000 uniform inputs, 1 % and 0.1 % of them. */
    @Test
    void uniformValuesLookOddAsOftenAsThePValueSays() {
        var random = new SplittableRandom(1);
        int runs = 8000;
        int[][] odd = new int[4][2];
        double[] sums = new double[4];
        int[] before = uniform(random, 1024);
        for (int run = 0; run < runs; run++) {
            int[] values = uniform(random, 1024);
            double[] p = {
                uniformity.kolmogorovSmirnov(values),
                uniformity.highBits(values),
                uniformity.lowBits(values),
                uniformity.correlation(values, before)
            };
            for (int i = 0; i < p.length; i++) {
                sums[i] += p[i];
                odd[i][0] += p[i] < 0.01 ? 1 : 0;
                odd[i][1] += p[i] < 0.001 ? 1 : 0;
            }
            before = values;
        }
        for (double sum : sums) {
            assertThat(sum / runs).isBetween(0.485, 0.515); // a half expected, deviation 0.003
        }
        for (int[] counts : odd) {
            assertThat(counts[0]).isBetween(35, 125); // 80 expected, deviation 9
            assertThat(counts[1]).isBetween(0, 24); // 8 expected, deviation 2.8
        }
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void whatIsUniformPasses(long seed) {
        var random = new SplittableRandom(seed);
        int[] one = uniform(random, COUNT);
        int[] other = uniform(random, COUNT);
        assertThat(uniformity.alone(one)).isGreaterThan(1e-5);
        assertThat(uniformity.together(one, other)).isGreaterThan(1e-5);
    }

    /** Not masked at all; a quarter of the range left out; a low bit stuck, or a high one: each alone shows. */
    @Test
    void whatIsNotUniformIsSeenInOneInput() {
        var random = new SplittableRandom(5);
        assertThat(uniformity.alone(small(random))).isLessThan(1e-30);
        int[] quarter = uniform(random, COUNT);
        int[] low = uniform(random, COUNT);
        int[] high = uniform(random, COUNT);
        for (int i = 0; i < COUNT; i++) {
            quarter[i] = (int) ((quarter[i] * 3L) / 4);
            low[i] |= 1;
            high[i] |= 1 << (BITS - 6);
        }
        assertThat(uniformity.alone(quarter)).isLessThan(1e-30);
        assertThat(uniformity.alone(low)).isLessThan(1e-30);
        assertThat(uniformity.alone(high)).isLessThan(1e-30);
    }

    /** Each of the two looks uniform: only both together tell that one mask was used twice. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void aMaskThatIsUsedTwiceIsSeenWhateverItsSign(long seed) {
        var random = new SplittableRandom(seed);
        int[] mask = uniform(random, COUNT);
        int[] one = plus(small(random), mask, 1);
        int[] other = plus(small(random), mask, 1);
        int[] opposite = plus(small(random), mask, -1);
        assertThat(uniformity.alone(one)).isGreaterThan(1e-5);
        assertThat(uniformity.alone(other)).isGreaterThan(1e-5);
        assertThat(uniformity.together(one, other)).isLessThan(1e-30);
        assertThat(uniformity.together(one, opposite)).isLessThan(1e-30);
    }

    /** Half of the range apart or not at all, so that nothing is correlated; and so for opposite signs. */
    @Test
    void aMaskThatIsUsedTwiceIsSeenWithoutACorrelation() {
        var random = new SplittableRandom(6);
        int[] mask = uniform(random, COUNT);
        int[] input = small(random);
        for (int i = 0; i < COUNT; i += 2) {
            input[i] ^= 1 << (BITS - 1);
        }
        assertThat(uniformity.together(mask, plus(input, mask, 1))).isLessThan(1e-30);
        assertThat(uniformity.together(mask, plus(input, mask, -1))).isLessThan(1e-30);
    }

    /** The low bits of one mask in another leave all high bits uniform; and so do their opposites. */
    @Test
    void masksThatShareTheirLowBitsAreSeen() {
        var random = new SplittableRandom(8);
        int[] one = uniform(random, COUNT);
        int[] same = uniform(random, COUNT);
        int[] opposite = uniform(random, COUNT);
        for (int i = 0; i < COUNT; i++) {
            int input = random.nextInt(4);
            same[i] = (same[i] & ~0xff) | (one[i] + input & 0xff);
            opposite[i] = (opposite[i] & ~0xff) | (input - one[i] & 0xff);
        }
        assertThat(uniformity.together(one, same)).isLessThan(1e-30);
        assertThat(uniformity.together(one, opposite)).isLessThan(1e-30);
    }

    /** A slope too gentle for any cell to stand out: Kolmogorov and Smirnov add it up. */
    @Test
    void aGentleSlopeIsSeen() {
        int[] values = new SplittableRandom(1)
                .doubles(4 * COUNT)
                .mapToInt(u -> (int) (Math.pow(u, 1.08) * (1 << BITS)))
                .toArray();
        assertThat(uniformity.alone(values)).isLessThan(1e-8);
    }

    /** One value in ten lies in the same half as the other's: neither sums nor differences give that away so clearly. */
    @Test
    void aLooseConnectionIsSeen() {
        var random = new SplittableRandom(2);
        int[] one = uniform(random, 4 * COUNT);
        int[] other = uniform(random, 4 * COUNT);
        int half = 1 << (BITS - 1);
        for (int i = 0; i < one.length; i += 10) {
            other[i] = (other[i] & (half - 1)) | (one[i] & half);
        }
        assertThat(uniformity.together(one, other)).isLessThan(1e-12);
    }

    @Test
    void theTestsAreThoseOfOthers() { // scipy.stats.kstest and pearsonr of the same values, version 1.17.1
        int[] values = new int[1000];
        int[] others = new int[1000];
        for (int i = 0; i < 1000; i++) {
            values[i] = (int) ((i * 2654435761L) >>> 14 & 0x3ffff) * 15 / 16;
            others[i] = (i * 97 + values[i] / 16) & 0x3ffff;
        }
        assertThat(uniformity.kolmogorovSmirnov(values)).isCloseTo(6.93e-4, within(2e-5));
        assertThat(uniformity.correlation(values, others)).isCloseTo(2.013e-7, within(1e-10));
    }

    @Test
    void theValuesOfAMaskedInputAreReadAsTheyWerePacked() {
        int[] values = uniform(new SplittableRandom(4), 1000);
        var input = MaskedInput.newBuilder()
                .setPacked(ByteString.copyFrom(BitPacking.pack(values, BITS)))
                .build();
        assertThat(uniformity.values(input, 1000)).isEqualTo(values);
        assertThatIllegalArgumentException().isThrownBy(() -> uniformity.values(input, 1001));
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Uniformity(7));
        assertThatIllegalArgumentException().isThrownBy(() -> uniformity.together(new int[600], new int[601]));
    }

    private static int[] uniform(SplittableRandom random, int count) {
        return random.ints(count, 0, 1 << BITS).toArray();
    }

    private static int[] small(SplittableRandom random) {
        return random.ints(COUNT, -40, 40)
                .map(value -> value & ((1 << BITS) - 1))
                .toArray();
    }

    private static int[] plus(int[] values, int[] mask, int sign) {
        int[] sum = new int[values.length];
        for (int i = 0; i < sum.length; i++) {
            sum[i] = (values[i] + sign * mask[i]) & ((1 << BITS) - 1);
        }
        return sum;
    }
}
