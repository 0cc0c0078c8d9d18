package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.testkit.ProjectFiles;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LearnCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int learn(String... rest) {
        List<String> all = new ArrayList<>(List.of(
                "simulate",
                "learn",
                "--task",
                ProjectFiles.root()
                        .resolve("benchmarks/learning/assistant.json")
                        .toString(),
                "--model",
                ProjectFiles.root().resolve("models/pico").toString(),
                "--devices=16",
                "--out",
                folder.resolve("out").toString()));
        all.addAll(List.of(rest));
        return Coppice.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(all.toArray(String[]::new));
    }

    private JsonNode figures(int seed) throws Exception {
        return new ObjectMapper()
                .readTree(folder.resolve("out/seed-" + seed + "/figures.json").toFile());
    }

    @Test
    void aDefinitionIsRunForEachSeedWithWhatIsSetAndWithWhatItIsMeasuredAgainst() throws Exception {
        int code = learn(
                "--set=/cohort={\"min\": 12, \"max\": 12, \"dropoutBound\": 0, \"corruptionBound\": 0}",
                "--set=/rounds=2",
                "--set=/mergeRule=rolora",
                "--seeds=3,4",
                "--every=1",
                "--local=1@0.01",
                "--central=4@0.003",
                "--personal=1x2@0.01");
        assertThat(err.toString()).isEmpty();
        assertThat(code).isZero();
        assertThat(figures(3).path("rounds")).hasSize(3);
        assertThat(figures(3).path("rounds")).isNotEqualTo(figures(4).path("rounds"));
        for (String what : List.of("local", "personal")) {
            assertThat(figures(4).path(what).path("after").path("positions").asInt())
                    .isEqualTo(
                            figures(4).path("rounds").path(0).path("positions").asInt());
        }
        assertThat(figures(4).path("central").path("loss").asDouble()).isPositive();
        assertThat(figures(4).path("epsilon").asDouble()).isBetween(7.0, 8.0);
        assertThat(out.toString()).contains("protects nobody's texts", "seed 3", "round 2: loss");
    }

    @Test
    void withDeviceClassesRoundsTakeTimeAndMayOverlap() throws Exception {
        int code = learn(
                "--classes=" + ProjectFiles.root().resolve("benchmarks/learning/stragglers.json"),
                "--look-minutes=10",
                "--set=/cohort={\"min\": 5, \"max\": 5, \"dropoutBound\": 0, \"corruptionBound\": 0}",
                "--set=/buffer={\"sums\": 2, \"openRounds\": 2, \"stalenessMax\": 4}",
                "--set=/phaseSeconds={\"advertise\": 3600, \"shares\": 60, \"masked\": 60, \"unmask\": 60}",
                "--set=/overSelection=1",
                "--set=/epsilon=null",
                "--set=/mergeRule=fedit",
                "--set=/rounds=3");
        assertThat(err.toString()).isEmpty();
        assertThat(code).isZero();
        JsonNode rounds = figures(1).path("rounds");
        assertThat(rounds).hasSize(3);
        JsonNode last = figures(1).path("looks").path(figures(1).path("looks").size() - 1);
        assertThat(last.path("inSums").asInt()).isEqualTo(15);
        assertThat(last.path("merges").asInt()).as("two sums, and what is left").isEqualTo(2);
        assertThat(last.path("hours").asDouble()).isPositive();
        assertThat(out.toString()).contains("3 rounds, 2 merges, 15 trainings");
    }

    @Test
    void whereDevicesHaveUnlikeRanksEachRankIsJudgedForItself() throws Exception {
        int code = learn(
                "--ranks=2,4",
                "--set=/cohort={\"min\": 4, \"max\": 4, \"dropoutBound\": 0, \"corruptionBound\": 0}",
                "--set=/localSteps=2",
                "--set=/rounds=1");
        assertThat(err.toString()).isEmpty();
        assertThat(code).isZero();
        assertThat(figures(1).path("rounds").path(1).path("ranks")).hasSize(2);
        assertThat(out.toString()).contains("  cut to rank 2, which 8 hold: loss ");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --set=rounds=2            | rounds is no JSON pointer, such as /kitSpec/lora/rank
                    --set=/kitSpec/no/rank=2  | there is no object at /kitSpec/no, which /kitSpec/no/rank would be in
                    --set=/rounds=many        | Not a task definition: rounds:
                    --set=/cohort/min=few     | Not a task definition: cohort.min:
                    --set=/mergeRule=fedit    | under privacy one factor is shared at a time
                    --dirichlet=0             | --dirichlet is above 0
                    --classes=nowhere         | --classes: there is no scenario file nowhere
                    """)
    void whatCannotBeRunIsRefusedWithTheReason(String flag, String reason) {
        assertThat(learn(flag)).isNotZero();
        assertThat(err.toString()).contains(reason);
    }
}
