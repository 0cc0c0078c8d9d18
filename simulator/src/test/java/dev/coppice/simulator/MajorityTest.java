package dev.coppice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.simulator.report.HeldOut;
import java.util.List;
import org.junit.jupiter.api.Test;

class MajorityTest {
    @Test
    void theCommonestAnswerIsGuessedAndJudgedOnOtherTexts() {
        Majority<String> majority = new Majority<>(List.of("on", "off", "on", "dim"));

        HeldOut.Score score = majority.judge(List.of("on", "off", "off", "on"), 4);

        assertThat(score.accuracy()).isEqualTo(0.5);
        // counts plus one: on 3, off 2, dim 2, and one never seen 1, of 8
        assertThat(score.loss()).isCloseTo(-(2 * Math.log(3 / 8.0) + 2 * Math.log(2 / 8.0)) / 4, within(1e-12));
    }

    @Test
    void anAnswerThatWasNeverSeenCostsMoreButNotEverything() {
        Majority<String> majority = new Majority<>(List.of("on", "on"));

        HeldOut.Score score = majority.judge(List.of("blink"), 3);

        assertThat(score.accuracy()).isZero();
        assertThat(score.loss()).isCloseTo(Math.log(5), within(1e-12));
    }
}
