package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.crypto.TimingLeak;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Drawing from a table: small noise against large. The second test is the control. */
class ConstantTimeSamplerTest {
    private static final int SIZE = GaussianTable.Batch.SIZE;

    private final GaussianTable table = new GaussianTable(40);
    private final int[] above = new int[SIZE];
    private final int[] smallest = new int[SIZE];
    private final int[] largest = filled(Integer.MAX_VALUE);

    @Test
    void aTableTakesAsLongForSmallNoiseAsForLarge() {
        assertThat(TimingLeak.statistic(
                        () -> table.countAbove(smallest, smallest, smallest, above),
                        () -> table.countAbove(largest, largest, largest, above)))
                .isLessThan(10);
    }

    @Test
    void aSearchThatStopsWhereItFoundTheNoiseIsNoticed() {
        assertThat(TimingLeak.statistic(() -> search(smallest), () -> search(largest)))
                .isGreaterThan(25);
    }

    private void search(int[] numbers) {
        int[] entries = new int[table.entries()];
        Arrays.setAll(entries, j -> table.entry(j).shiftRight(62).intValue());
        for (int i = 0; i < SIZE; i++) {
            int j = 0;
            while (j < entries.length && numbers[i] >= entries[j]) {
                j++;
            }
            above[i] = j;
        }
    }

    private static int[] filled(int value) {
        int[] words = new int[SIZE];
        Arrays.fill(words, value);
        return words;
    }
}
