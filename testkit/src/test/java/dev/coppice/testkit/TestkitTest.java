package dev.coppice.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.opentest4j.TestAbortedException;

class TestkitTest {
    @Test
    void oneGivenSeedIsTheOnlyOneTried() {
        assertThat(Seeds.from("-42", "1000")).containsExactly(-42L);
    }

    @Test
    void withoutASeedThereAreAsManyAsAskedFor() {
        assertThat(Seeds.from("", "4")).containsExactly(1L, 2L, 3L, 4L);
        assertThat(Seeds.from("", "")).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aLawIsNeverTriedWithNoSeedAtAll() {
        assertThatIllegalArgumentException().isThrownBy(() -> Seeds.from("", "0"));
    }

    @Test
    void theRootHoldsTheModules() {
        assertThat(ProjectFiles.root().resolve("testkit/src/main/java")).isDirectory();
    }

    @Test
    void absentTestDataSkipsTheTestAndSaysWhere() {
        assertThatThrownBy(() -> TestData.find("vectors/of-no-standard"))
                .isInstanceOf(TestAbortedException.class)
                .hasMessageContaining("of-no-standard");
    }

    @Test
    void aManualClockStandsStillUntilItIsMoved() {
        var clock = ManualClock.atNewYear();
        assertThat(clock.instant()).isEqualTo(clock.instant());
        clock.advance(Duration.ofDays(1));
        assertThat(clock.instant()).isEqualTo(Instant.parse("2026-01-02T00:00:00Z"));
    }

    @Test
    void theSameSeedGivesTheSameBytesAndAnotherSeedGivesOthers() {
        assertThat(bytes(7)).isEqualTo(bytes(7)).isNotEqualTo(bytes(8));
    }

    private static byte[] bytes(long seed) {
        byte[] bytes = new byte[33];
        new SeededBytes(seed).fill(bytes);
        return bytes;
    }
}
