package dev.coppice.simulator.report;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.simulator.report.HeldOut.Measure;
import dev.coppice.simulator.report.HeldOut.Score;
import org.junit.jupiter.api.Test;

class SummaryFileTest {
    @Test
    void othersFindEveryFigureUnderTheNameTheyRelyOn() throws Exception {
        JsonNode json = new ObjectMapper()
                .readTree(SummaryFile.write(SampleRun.summary(PrivacyMode.SIMULATED, SampleRun.IMPROVED)));

        assertThat(json.path("privacy").asText()).isEqualTo("simulated");
        assertThat(json.path("devices").asInt()).isEqualTo(200);
        assertThat(json.path("rounds").asInt()).isEqualTo(6);
        assertThat(json.path("roundsAborted").asInt()).isEqualTo(1);
        assertThat(json.path("dropouts").asInt()).isEqualTo(63);
        assertThat(json.path("epsilon").asDouble()).isEqualTo(7.93);
        assertThat(json.path("delta").asDouble()).isEqualTo(1e-8);
        assertThat(json.path("bytesUpPerDevice").asLong()).isEqualTo(812_345);
        assertThat(json.path("bytesDownPerDevice").asLong()).isEqualTo(1_623_000);
        assertThat(json.path("trainStepsPerSecond").asDouble()).isEqualTo(412.3);
        assertThat(json.path("devicesPerSecond").asDouble()).isEqualTo(11.2);
        assertThat(json.path("wallSeconds").asDouble()).isEqualTo(141.2);
        assertThat(json.at("/pack/name").asText()).isEqualTo("assistant");
        assertThat(json.at("/pack/version").asLong()).isEqualTo(1);
        assertThat(json.at("/pack/sha256").asText()).hasSize(64);
        for (String step : new String[] {"majority", "base", "localOnly", "pack", "personal"}) {
            assertThat(json.at("/heldOut/" + step + "/accuracy").isNumber())
                    .as(step)
                    .isTrue();
            assertThat(json.at("/heldOut/" + step + "/loss").isNumber())
                    .as(step)
                    .isTrue();
        }
    }

    @Test
    void aSummaryReadsBackAsItWasWritten() throws Exception {
        for (PrivacyMode mode : PrivacyMode.values()) {
            Summary summary = SampleRun.summary(mode, SampleRun.IMPROVED);

            assertThat(SummaryFile.read(SummaryFile.write(summary))).isEqualTo(summary);
        }
    }

    @Test
    void withPrivacyOffThereIsNoEpsilon() throws Exception {
        JsonNode json =
                new ObjectMapper().readTree(SummaryFile.write(SampleRun.summary(PrivacyMode.OFF, SampleRun.IMPROVED)));

        assertThat(json.path("privacy").asText()).isEqualTo("off");
        assertThat(json.path("epsilon").isNull()).isTrue();
    }

    @Test
    void whatDoesNotImproveIsCalledAMiss() {
        Score base = new Score(0.7, 1.2);
        Score better = new Score(0.8, 1.0);
        Score worse = new Score(0.6, 1.4);

        assertThat(heldOut(base, better, new Score(0.9, 0.8)).improved(Measure.ACCURACY))
                .isTrue();
        for (HeldOut miss : new HeldOut[] {
            heldOut(base, worse, better),
            heldOut(base, better, base),
            heldOut(base, worse, worse),
            heldOut(base, base, base)
        }) {
            assertThat(miss.improved(Measure.ACCURACY)).isFalse();
            assertThat(miss.statement(Measure.ACCURACY)).startsWith("A miss");
        }
    }

    @Test
    void languageModelsAreJudgedByTheirLoss() {
        HeldOut lowerLossOnly = heldOut(new Score(0.3, 4.0), new Score(0.2, 3.0), new Score(0.2, 2.5));

        assertThat(lowerLossOnly.improved(Measure.LOSS)).isTrue();
        assertThat(lowerLossOnly.improved(Measure.ACCURACY)).isFalse();
        assertThat(lowerLossOnly.statement(Measure.LOSS))
                .contains("held-out loss")
                .doesNotContain("miss");
    }

    private static HeldOut heldOut(Score base, Score pack, Score personal) {
        return new HeldOut(base, base, base, pack, personal);
    }
}
