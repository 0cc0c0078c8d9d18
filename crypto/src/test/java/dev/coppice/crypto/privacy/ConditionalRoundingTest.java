package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.testkit.SeededBytes;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class ConditionalRoundingTest {
    private static final int DIMENSION = 1024;

    /** All fractions are a half, where rounding lengthens the most: one vector in six would be too long without a check. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void noRoundedVectorIsLongerThanTheSensitivity(long seed) {
        double[] values = new double[DIMENSION];
        Arrays.fill(values, 8.5);
        double norm = 8.5 * Math.sqrt(DIMENSION);
        double bound = ConditionalRounding.normBound(norm, DIMENSION);
        var rounding = new ConditionalRounding(norm, DIMENSION);
        var bits = bits(seed);
        int[] rounded = new int[DIMENSION];
        for (int i = 0; i < 300; i++) {
            rounding.round(values, rounded, bits);
            assertThat(norm(rounded)).as("vector %d", i).isLessThanOrEqualTo(bound);
        }
    }

    /** The figure of the reference for 2^20 dimensions, scale 1024: a larger bound would let more through than is paid for. */
    @ParameterizedTest
    @CsvSource({"1024, 1048576, 1145.5374284588", "256, 65536, 286.8867372326577", "2048, 1048576, 2111.636332326189"})
    void theBoundIsThatOfThePaper(double norm, int dimension, double expected) {
        assertThat(ConditionalRounding.normBound(norm, dimension)).isCloseTo(expected, within(1e-9));
    }

    @Test
    void aShortVectorOfFewDimensionsIsBoundedWithoutLuck() {
        assertThat(ConditionalRounding.normBound(0.1, 1)).isCloseTo(Math.sqrt(0.01 + 0.25 + 0.6), within(1e-12));
        assertThat(ConditionalRounding.normBound(1e-6, 1)).isLessThan(1 + 1e-6);
    }

    @ParameterizedTest
    @CsvSource({"0.25", "2.5", "-0.25", "-7.9", "3", "-3"})
    void roundingIsRightOnAverage(double value) {
        double[] values = new double[DIMENSION];
        Arrays.fill(values, value);
        var rounding = new ConditionalRounding(1e6, DIMENSION); // never too long
        var bits = bits(9);
        int[] rounded = new int[DIMENSION];
        double sum = 0;
        for (int i = 0; i < 100; i++) {
            rounding.round(values, rounded, bits);
            assertThat(rounded).containsAnyOf((int) Math.floor(value), (int) Math.ceil(value));
            for (int one : rounded) {
                assertThat(one).isBetween((int) Math.floor(value), (int) Math.ceil(value));
                sum += one;
            }
        }
        assertThat(sum / (100 * DIMENSION)).isCloseTo(value, within(5.5 * 0.5 / Math.sqrt(100 * DIMENSION)));
    }

    @Test
    void whereNoLuckHelpsItRoundsTowardsZero() {
        double[] values = {3.7, -3.7, 0.2, -0.2};
        int[] rounded = new int[4];
        new ConditionalRounding(1, 4).round(values, rounded, bits(1));
        assertThat(rounded).containsExactly(3, -3, 0, 0);
    }

    @Test
    void aLongVectorsNormIsExactToTheLastUnit() {
        double[] values = {1 << 29, 1 << 29, 0, 0};
        int[] rounded = new int[4];
        new ConditionalRounding((1 << 29) * Math.sqrt(2), 4).round(values, rounded, bits(1));
        assertThat(rounded).containsExactly(1 << 29, 1 << 29, 0, 0);
    }

    private static double norm(int[] vector) {
        long squares = 0;
        for (int value : vector) {
            squares += (long) value * value;
        }
        return Math.sqrt((double) squares);
    }

    private static RandomBits bits(long seed) {
        byte[] key = new byte[RandomBits.KEY_BYTES];
        new SeededBytes(seed).fill(key);
        return new RandomBits(key);
    }
}
