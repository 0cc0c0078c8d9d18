package dev.coppice.simulator.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.simulator.fleet.FleetSettings;
import dev.coppice.testkit.ProjectFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScenarioTest {
    private static final String GOOD = """
            seed: 3
            privacy: trust-sum
            data: {devices: 20}
            task:
              rounds: 2
              localSteps: 1
              learningRate: 0.01
              examplesMin: 1
              clipNorm: 1
              epsilon: null
              delta: 1.0e-8
              cohort: {min: 8, max: 10, dropoutBound: 0.1, corruptionBound: 0.05}
              serverOptimizer: {kind: fedavg, learningRate: 1, momentum: 0}
              phaseSeconds: {advertise: 60, shares: 60, masked: 60, unmask: 60}
            """;

    @TempDir
    Path folder;

    @Test
    void allShippedScenariosAreGood() throws IOException, ScenarioRefusedException {
        try (Stream<Path> shipped = Files.list(ProjectFiles.root().resolve("simulator/scenarios"))) {
            List<Path> files =
                    shipped.filter(file -> file.toString().endsWith(".yaml")).toList();
            assertThat(files).hasSizeGreaterThanOrEqualTo(5);
            for (Path file : files) {
                Scenario scenario = Scenario.read(file);
                FleetSettings settings = scenario.settings(scenario.seed());
                assertThat(settings.task().path("rounds").asInt())
                        .as(file.toString())
                        .isPositive();
            }
        }
    }

    @Test
    void whatIsNotSaidIsUsual() throws IOException, ScenarioRefusedException {
        FleetSettings settings = read(GOOD).settings(3);
        assertThat(settings.overSelection()).isEqualTo(1);
        assertThat(settings.attack()).isEmpty();
        assertThat(settings.merge().name()).isEqualTo("mean");
    }

    @Test
    void everyFaultIsToldByItsLineAndField() {
        String bad = GOOD.replace("rounds: 2", "rounds: none").replace("max: 10", "max: 20000") + "behavior: {}\n";
        assertThatThrownBy(() -> read(bad))
                .isInstanceOf(ScenarioRefusedException.class)
                .hasMessageContaining("line 5, task.rounds: string found, integer expected")
                .hasMessageContaining("line 12, task.cohort.max: must have a maximum value of 10000")
                .hasMessageContaining("behavior");
    }

    @Test
    void whatIsNoYamlIsToldByItsLine() {
        assertThatThrownBy(() -> read("seed: 1\ntask: {rounds: 3\nprivacy: off\n"))
                .isInstanceOf(ScenarioRefusedException.class)
                .hasMessageContaining("is not YAML: line");
    }

    @Test
    void namesThatNothingHasAreRefusedWithThoseThatThereAre() throws IOException, ScenarioRefusedException {
        Scenario scenario = read(GOOD + "classes: toasters\n");
        assertThatThrownBy(() -> scenario.settings(1))
                .hasMessageStartingWith("there is no set of device classes \"toasters\"; there are: ")
                .hasMessageContaining("phones-and-desktops");
    }

    private Scenario read(String yaml) throws IOException, ScenarioRefusedException {
        return Scenario.read(Files.writeString(folder.resolve("some.yaml"), yaml));
    }
}
