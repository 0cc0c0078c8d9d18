package dev.coppice.simulator.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
    @TempDir
    Path folder;

    /** Of 1, 2, 3 against 11, 12, 13: 10 apart, each mean's error 0.577, together 0.816, t of 4 degrees 2.776. */
    @Test
    void differencesComeWithWelchsInterval() throws IOException {
        Path a = run("a", 0.01, 0.02, 0.03);
        Path b = run("b", 0.11, 0.12, 0.13);
        List<String> lines = Comparison.of(a, b).lines();
        assertThat(lines)
                .anyMatch(line -> line.startsWith("accuracy, %")
                        && line.contains("2.000 ± 1.000")
                        && line.contains("12.000 ± 1.000")
                        && line.contains("+10.000 ± 2.267 *"));
        assertThat(lines).anyMatch(line -> line.startsWith("seeds") && line.contains("3"));
        assertThat(lines).noneMatch(line -> line.startsWith("attack"));
    }

    @Test
    void whatMayBeChanceIsNotMarked() throws IOException {
        List<String> lines =
                Comparison.of(run("a", 0.01, 0.05), run("b", 0.02, 0.06)).lines();
        assertThat(lines).noneMatch(line -> line.endsWith("*"));
    }

    @Test
    void aRunWithoutRoundsIsRefused() throws IOException {
        Path a = run("a", 0.5);
        Path none = run("none");
        assertThatThrownBy(() -> Comparison.of(a, none)).hasMessageContaining("no round that is over");
    }

    private Path run(String name, double... accuracies) throws IOException {
        Path run = Files.createDirectory(folder.resolve(name));
        StringBuilder lines = new StringBuilder();
        for (int seed = 0; seed < accuracies.length; seed++) {
            lines.append(
                    "{\"seed\": %d, \"privacy\": \"off\", \"outcome\": \"completed\", \"accuracy\": %s, \"attackSuccess\": null}%n"
                            .formatted(seed, accuracies[seed]));
        }
        Files.writeString(run.resolve("metrics.jsonl"), lines);
        return run;
    }
}
