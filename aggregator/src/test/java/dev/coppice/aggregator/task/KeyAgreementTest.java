package dev.coppice.aggregator.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.protocol.round.KeyAgreement;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** How a task says by what keys are agreed on. */
class KeyAgreementTest {
    private static final String TASK = """
            {"skill": "s", "population": "home", "baseModelSha256": "%1$s", "kitSpec": {}, "kitSha256": "%1$s",
             "initialAdapterSha256": "%1$s", "rounds": 3, "localSteps": 1, "learningRate": 0.1, "examplesMin": 1,
             "clipNorm": 1.0, "epsilon": null, "delta": 1e-8,
             "cohort": {"min": 5, "max": 10, "dropoutBound": 0.3, "corruptionBound": 0.0},
             "serverOptimizer": {"kind": "fedavg", "learningRate": 1.0, "momentum": 0.0},
             "phaseSeconds": {"advertise": 10, "shares": 10, "masked": 10, "unmask": 10}}
            """.formatted("ab".repeat(32));

    @Test
    void aTaskThatDoesNotSayAgreesByX25519() throws Exception {
        assertThat(of(task())).isEqualTo(KeyAgreement.X25519);
        assertThat(of(task().putNull("keyAgreement"))).isEqualTo(KeyAgreement.X25519);
        assertThat(of(task().put("keyAgreement", "x25519"))).isEqualTo(KeyAgreement.X25519);
        assertThat(of(task().put("keyAgreement", "x25519-mlkem768"))).isEqualTo(KeyAgreement.X25519_MLKEM768);
    }

    /** Nothing weaker is chosen for a name that is not known. */
    @Test
    void anUnknownNameIsRefused() throws Exception {
        ObjectNode task = task().put("keyAgreement", "mlkem1024");
        assertThatThrownBy(() -> of(task))
                .isInstanceOf(TaskRefusedException.class)
                .hasMessageContaining("keyAgreement");
    }

    private static KeyAgreement of(ObjectNode task) throws TaskRefusedException {
        return TaskJson.keyAgreement(TaskJson.parse(task.toString().getBytes(StandardCharsets.UTF_8)));
    }

    private static ObjectNode task() throws Exception {
        return (ObjectNode) new ObjectMapper().readTree(TASK);
    }
}
