package dev.coppice.adapters.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.runtime.InferenceSession;
import dev.coppice.adapters.runtime.NativeTensor;
import dev.coppice.adapters.runtime.SessionSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** An output layer tied to the embedding, as a session is given it. */
class TurnedMatricesTest {
    private static final String EMBEDDING = "model.embed_tokens.weight";

    @Test
    void theOutputLayerTakesTheEmbeddingAsItIsStored() throws Exception {
        ModelProto model = TinyDecoder.standard().build();
        ModelProto changed = TurnedMatrices.asStored(model);
        assertThat(changed.getGraph().getNodeList())
                .filteredOn(node -> node.getInputList().contains(EMBEDDING))
                .extracting(NodeProto::getOpType)
                .containsExactlyInAnyOrder("Gather", "FusedMatMul");
        assertThat(changed.getGraph().getInputList())
                .as("what might be fed is not computed with beforehand")
                .anyMatch(input -> input.getName().equals(EMBEDDING));
        float[] expected = logits(model);
        float[] found = logits(changed);
        for (int i = 0; i < expected.length; i++) {
            assertThat(found[i]).isCloseTo(expected[i], offset(1e-5f));
        }
    }

    @Test
    void aModelThatTurnsNothingStaysAsItIs() {
        ModelProto model = TurnedMatrices.asStored(TinyDecoder.standard().build());
        ModelProto.Builder without = model.toBuilder();
        without.getGraphBuilder().clearNode();
        assertThat(TurnedMatrices.asStored(without.build())).isEqualTo(without.build());
    }

    private static float[] logits(ModelProto model) throws Exception {
        try (InferenceSession session =
                        InferenceSession.open(model.toByteArray(), Path.of("model.onnx"), SessionSettings.threads(1));
                NativeTensor ids = NativeTensor.ofLongs(new long[] {1, 2, 3, 4}, 1, 4);
                NativeTensor mask = NativeTensor.ofLongs(new long[] {1, 1, 1, 1}, 1, 4)) {
            List<NativeTensor> outputs =
                    session.run(Map.of("input_ids", ids, "attention_mask", mask), List.of("logits"));
            try (NativeTensor logits = outputs.get(0)) {
                return logits.toFloats();
            }
        }
    }
}
