package dev.coppice.simulator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.testkit.SeededBytes;
import java.nio.ByteBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AxisTest {
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void anAxisCoversItsValuesWithFewRoundTicks(long seed) {
        byte[] bytes = new byte[9 * 100];
        new SeededBytes(seed).fill(bytes);
        ByteBuffer drawn = ByteBuffer.wrap(bytes);
        while (drawn.hasRemaining()) {
            double low = drawn.getInt() / 1e4;
            double high = low + Math.abs((double) drawn.getInt()) / Math.pow(10, drawn.get() & 7);

            Axis axis = Axis.covering(low, high, 5, 0, 100);

            assertThat(axis.low()).isLessThanOrEqualTo(low + 1e-6 * axis.step());
            assertThat(axis.high()).isGreaterThanOrEqualTo(high - 1e-6 * axis.step());
            assertThat(axis.ticks().size()).as("%s to %s", low, high).isBetween(2, 8);
            assertThat(axis.at(axis.low())).isCloseTo(0, within(1e-6));
            assertThat(axis.at(axis.high())).isCloseTo(100, within(1e-6));
        }
    }
}
