package dev.coppice.aggregator.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.protocol.round.NoiseSource;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** How a task says whose noise counts. */
class NoiseSourceTest {
    private static final String TASK = """
            {"skill": "s", "population": "home", "baseModelSha256": "%1$s", "kitSpec": {}, "kitSha256": "%1$s",
             "initialAdapterSha256": "%1$s", "rounds": 3, "localSteps": 1, "learningRate": 0.1, "examplesMin": 1,
             "clipNorm": 1.0, "epsilon": 8, "delta": 1e-8,
             "cohort": {"min": 5, "max": 10, "dropoutBound": 0.3, "corruptionBound": 0.0},
             "serverOptimizer": {"kind": "fedavg", "learningRate": 1.0, "momentum": 0.0},
             "phaseSeconds": {"advertise": 10, "shares": 10, "masked": 10, "unmask": 10}}
            """.formatted("ab".repeat(32));

    @Test
    void aTaskThatDoesNotSayRestsOnTheDevicesTogether() throws Exception {
        assertThat(of(task())).isEqualTo(NoiseSource.HONEST_DEVICES);
        assertThat(of(task().putNull("noise"))).isEqualTo(NoiseSource.HONEST_DEVICES);
        assertThat(of(task().put("noise", "distributed"))).isEqualTo(NoiseSource.HONEST_DEVICES);
        assertThat(of(task().put("noise", "local"))).isEqualTo(NoiseSource.OWN_DEVICE);
        assertThat(of(task().put("noise", "server"))).isEqualTo(NoiseSource.SERVER);
    }

    @Test
    void anUnknownNameAndNoiseWithoutAnEpsilonAreRefused() throws Exception {
        for (ObjectNode task : new ObjectNode[] {
            task().put("noise", "central"), task().put("noise", "server").putNull("epsilon")
        }) {
            assertThatThrownBy(() -> of(task))
                    .isInstanceOf(TaskRefusedException.class)
                    .hasMessageContaining("noise");
        }
    }

    private static NoiseSource of(ObjectNode task) throws TaskRefusedException {
        return TaskJson.noiseSource(TaskJson.parse(task.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static ObjectNode task() throws Exception {
        return (ObjectNode) new ObjectMapper().readTree(TASK);
    }
}
