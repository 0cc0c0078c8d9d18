package dev.coppice.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Comparisons of secrets. The second test is the control: it must see what the first must not. */
class ConstantTimeTest {
    private static final int BYTES = 256;
    private static final int TIMES = 40;
    private static final byte[] SECRET = new byte[BYTES];

    private static volatile boolean unusedResult;

    @Test
    void secretsAreComparedInTheSameTimeWhereverTheyDiffer() {
        SecretBytes secret = SecretBytes.of(SECRET);
        SecretBytes early = SecretBytes.of(differingAt(0));
        SecretBytes late = SecretBytes.of(differingAt(BYTES - 1));
        assertThat(TimingLeak.statistic(
                        () -> repeat(() -> secret.equals(early)), () -> repeat(() -> secret.equals(late))))
                .isLessThan(10);
    }

    @Test
    void aComparisonThatStopsAtTheFirstDifferenceIsNoticed() {
        byte[] early = differingAt(0);
        byte[] late = differingAt(BYTES - 1);
        assertThat(TimingLeak.statistic(
                        () -> repeat(() -> leakyEquals(SECRET, early)), () -> repeat(() -> leakyEquals(SECRET, late))))
                .isGreaterThan(25);
    }

    private interface Comparison {
        boolean isEqual();
    }

    private static void repeat(Comparison comparison) {
        boolean any = false;
        for (int i = 0; i < TIMES; i++) {
            any |= comparison.isEqual();
        }
        unusedResult = any;
    }

    private static boolean leakyEquals(byte[] one, byte[] other) {
        for (int i = 0; i < one.length; i++) {
            if (one[i] != other[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] differingAt(int index) {
        byte[] bytes = Arrays.copyOf(SECRET, BYTES);
        bytes[index] = 1;
        return bytes;
    }
}
