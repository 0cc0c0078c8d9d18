package dev.coppice.adapters.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.kit.Npz;
import dev.coppice.adapters.model.ModelFiles;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.runtime.SessionSettings;
import dev.coppice.testkit.TestData;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters as inputs of a graph: those of other tools, several at once, and in turn. */
class AdaptersTest {
    private static final AdapterTargets QV = new AdapterTargets(Set.of("q_proj", "v_proj"), Set.of());

    @ParameterizedTest
    @ValueSource(strings = {"model_ts.onnx", "model_dynamo.onnx"})
    void anAdapterOfPeftGivesPeftsLogits(String file) throws Exception {
        Npz reference = new Npz(TestData.find("models/peft-adapters/llama-qv-r4/reference.npz"));
        List<int[]> rows = Foreign.rows(reference.read("input_ids"), reference.read("attention_mask"));
        try (AdaptedSession session = Foreign.whole(Foreign.stories(file), QV);
                AdapterStack none = AdapterStack.none();
                AdapterStack adapter = AdapterStack.of(List.of(Foreign.qv()))) {
            assertThat(Foreign.distance(
                            Foreign.logits(session, none, rows),
                            reference.read("logits_base").floats(),
                            rows))
                    .isLessThan(1e-4f);
            assertThat(Foreign.distance(
                            Foreign.logits(session, adapter, rows),
                            reference.read("logits_adapter").floats(),
                            rows))
                    .isLessThan(1e-4f);
        }
    }

    @Test
    void whatIsSwitchedBackIsTheSameToTheBit() throws Exception {
        List<int[]> ids = List.of(new int[] {1, 403, 407, 261, 378});
        try (AdaptedSession session = Foreign.whole(Foreign.stories("model_ts.onnx"), QV);
                AdapterStack none = AdapterStack.none();
                AdapterStack adapter = AdapterStack.of(List.of(Foreign.qv()))) {
            float[] base = Foreign.logits(session, none, ids);
            float[] adapted = Foreign.logits(session, adapter, ids);
            assertThat(Foreign.distance(base, adapted)).isGreaterThan(0.1f);
            for (int turn = 0; turn < 3; turn++) {
                assertThat(Foreign.logits(session, none, ids)).isEqualTo(base);
                assertThat(Foreign.logits(session, adapter, ids)).isEqualTo(adapted);
            }
        }
    }

    @Test
    void aModelWithoutAPlaceForItsModuleRefusesAnAdapter() throws Exception {
        AdapterTargets onlyQ = new AdapterTargets(Set.of("q_proj"), Set.of());
        try (AdaptedSession session = Foreign.whole(Foreign.stories("model_ts.onnx"), onlyQ);
                AdapterStack adapter = AdapterStack.of(List.of(Foreign.qv()))) {
            assertThatThrownBy(() -> session.places().filled(adapter))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("v_proj");
        }
    }

    @Test
    void aTargetThatIsNotThereIsRefusedByName() throws Exception {
        var files = ModelFiles.trusted(Foreign.stories("model_ts.onnx"));
        AdapterTargets targets = new AdapterTargets(Set.of("q_proj", "c_attn"), Set.of());
        assertThatThrownBy(() -> AdaptedSession.open(files, Purpose.GENERATE, targets, SessionSettings.threads(1)))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining("c_attn");
    }
}
