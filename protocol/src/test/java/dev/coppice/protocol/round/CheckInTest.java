package dev.coppice.protocol.round;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What devices tell of themselves is coarse. */
class CheckInTest {
    @ParameterizedTest
    @CsvSource({
        "-1, NO_EXAMPLES",
        "0, NO_EXAMPLES",
        "1, FROM_1",
        "3, FROM_1",
        "4, FROM_4",
        "15, FROM_4",
        "16, FROM_16",
        "63, FROM_16",
        "64, FROM_64",
        "255, FROM_64",
        "256, FROM_256",
        "1023, FROM_256",
        "1024, FROM_1024",
        "2147483647, FROM_1024"
    })
    void examplesAreToldByPowersOfFour(int examples, ExampleCount told) {
        assertThat(ExampleCounts.of(examples)).isEqualTo(told);
    }

    @Test
    void nobodyIsLeftOutWhoMayHoldEnough() {
        for (int examples = 0; examples < 3000; examples++) {
            assertThat(ExampleCounts.mayBe(ExampleCounts.of(examples), examples))
                    .isTrue();
        }
        assertThat(ExampleCounts.mayBe(ExampleCount.FROM_4, 15)).isTrue();
        assertThat(ExampleCounts.mayBe(ExampleCount.FROM_4, 16)).isFalse();
        assertThat(ExampleCounts.mayBe(ExampleCount.NO_EXAMPLES, 1)).isFalse();
        assertThat(ExampleCounts.mayBe(ExampleCount.NOT_TOLD, 1000)).isTrue();
        assertThat(ExampleCounts.mayBe(ExampleCount.UNRECOGNIZED, 1000)).isTrue();
    }

    @Test
    void versionsAreToldWithoutWhatFollowsTheMinorOne() {
        assertThat(AgentVersions.of("0.1.0-SNAPSHOT")).isEqualTo(1);
        assertThat(AgentVersions.of("1.12.3")).isEqualTo(1012);
        assertThat(AgentVersions.of("2.0")).isEqualTo(2000);
        assertThat(AgentVersions.of("1.2-rc1")).isEqualTo(1002);
        assertThat(AgentVersions.text(1012)).isEqualTo("1.12");
        assertThat(AgentVersions.text(AgentVersions.UNKNOWN)).isEqualTo("unknown");
        for (String none : List.of("", "1", "a.b", "1000.1", "1.1000", "0.0", "-1.2", "1.", "٣.1")) {
            assertThatThrownBy(() -> AgentVersions.of(none)).as(none).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
