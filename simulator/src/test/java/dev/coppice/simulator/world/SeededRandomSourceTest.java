package dev.coppice.simulator.world;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SeededRandomSourceTest {
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void theSameSeedAndPathGiveTheSameBytes(long seed) {
        byte[] first = SeededRandomSource.of(seed).fork("device/3").bytes(1000);
        byte[] again = SeededRandomSource.of(seed).fork("device/3").bytes(1000);

        assertThat(again).isEqualTo(first);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void otherSeedsPathsAndDrawsGiveOtherBytes(long seed) {
        SeededRandomSource run = SeededRandomSource.of(seed);
        SeededRandomSource device = run.fork("device/3");

        byte[] first = device.bytes(64);

        assertThat(device.bytes(64)).as("the next draw").isNotEqualTo(first);
        assertThat(run.fork("device/4").bytes(64)).as("another path").isNotEqualTo(first);
        assertThat(SeededRandomSource.of(seed + 1).fork("device/3").bytes(64))
                .as("another seed")
                .isNotEqualTo(first);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void howTheBytesAreAskedForDoesNotMatter(long seed) {
        SeededRandomSource pieces = SeededRandomSource.of(seed);
        byte[] whole = SeededRandomSource.of(seed).bytes(33);

        assertThat(pieces.bytes(7)).isEqualTo(java.util.Arrays.copyOfRange(whole, 0, 7));
        assertThat(pieces.bytes(26)).isEqualTo(java.util.Arrays.copyOfRange(whole, 7, 33));
    }
}
