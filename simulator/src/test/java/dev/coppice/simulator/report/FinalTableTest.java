package dev.coppice.simulator.report;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FinalTableTest {
    @Test
    void everyFigureOfTheTableFitsAnOrdinaryTerminal() {
        for (PrivacyMode mode : PrivacyMode.values()) {
            assertThat(FinalTable.lines(SampleRun.summary(mode, SampleRun.IMPROVED)))
                    .filteredOn(line -> line.startsWith(" "))
                    .allSatisfy(line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(80));
        }
    }

    @Test
    void theTableShowsEachStepAndWhatItGained() {
        assertThat(FinalTable.lines(SampleRun.summary(PrivacyMode.REAL, SampleRun.IMPROVED)))
                .anyMatch(line -> line.matches("  base model +70\\.2 % +1\\.204"))
                .anyMatch(line -> line.matches("  skill pack +78\\.1 % +\\+7\\.9 +0\\.873"))
                .anyMatch(line -> line.matches("  personal adapter +82\\.4 % +\\+4\\.3 +0\\.741"))
                .anyMatch(line -> line.contains("real, epsilon 7.93 of 8 spent at delta 1e-8"))
                .anyMatch(line -> line.contains("6 completed, 1 aborted, 63 drop-outs among 200 devices"));
    }

    @Test
    void aSeededRunSaysThatItsNoiseCanBeReproduced() {
        assertThat(FinalTable.lines(SampleRun.summary(PrivacyMode.SIMULATED, SampleRun.IMPROVED))
                        .getLast())
                .contains("simulated", "can reproduce its noise");
    }
}
