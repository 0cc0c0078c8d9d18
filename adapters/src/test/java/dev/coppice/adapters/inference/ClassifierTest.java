package dev.coppice.adapters.inference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.adapters.kit.Npz;
import dev.coppice.adapters.model.ModelFiles;
import dev.coppice.adapters.runtime.NativeTensor;
import dev.coppice.adapters.runtime.SessionSettings;
import dev.coppice.testkit.TestData;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A classifier of another origin: logits of PyTorch, and a head that is replaced. */
class ClassifierTest {
    private static final int LABELS = 64;

    @ParameterizedTest
    @ValueSource(strings = {"model_ts.onnx", "model_dynamo.onnx"})
    void aBertOfTransformersGivesTorchsLogits(String file) throws Exception {
        Path folder = TestData.find("models/onnx-torch-exports/tiny-bert-seqcls");
        Npz reference = new Npz(folder.resolve("reference.npz"));
        AdapterTargets head = new AdapterTargets(Set.of(), Set.of("classifier.bias"));
        try (AdaptedSession session = AdaptedSession.open(
                        ModelFiles.trusted(folder.resolve(file)), Purpose.CLASSIFY, head, SessionSettings.threads(1));
                NativeTensor noBias = NativeTensor.ofFloats(new float[LABELS], LABELS)) {
            for (String batch : List.of("_1", "_2")) {
                List<int[]> rows =
                        Foreign.rows(reference.read("input_ids" + batch), reference.read("attention_mask" + batch));
                float[] expected = reference.read("logits" + batch).floats();
                assertThat(Foreign.distance(logits(session, rows, Map.of()), expected))
                        .isLessThan(1e-4f);
                assertThat(logits(session, rows, Map.of("m.classifier.bias", noBias)))
                        .hasSameSizeAs(expected);
            }
        }
    }

    private static float[] logits(AdaptedSession session, List<int[]> rows, Map<String, NativeTensor> fed)
            throws Exception {
        try (NativeTensor logits = session.read(rows, 0, fed).get(0)) {
            return logits.toFloats();
        }
    }
}
