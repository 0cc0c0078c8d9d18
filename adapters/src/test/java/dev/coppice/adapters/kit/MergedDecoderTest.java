package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.coppice.adapters.MergedDecoder;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.onnx.CacheBranch;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Placement;
import dev.coppice.adapters.onnx.StoredModel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A decoder with and without a cache in one file, as Optimum merges them. */
class MergedDecoderTest {
    private static final LoraSpec LORA = new LoraSpec(2, 3, List.of("all-linear"), Factors.BOTH, 7);
    private static final KitSpec SPEC = new KitSpec(Task.CAUSAL_LM, LORA, List.of(), 2, 5);

    @Test
    void aKitIsMadeOfTheBranchWithoutACache() {
        ModelProto alone = TinyDecoder.smallest().build();
        TrainingGraph expected = new TrainingGraph(StoredModel.of(alone), List.of(), SPEC, ElementType.FLOAT);
        TrainingGraph merged =
                new TrainingGraph(StoredModel.of(MergedDecoder.of(alone)), List.of(), SPEC, ElementType.FLOAT);
        assertThat(merged.initial()).isEqualTo(expected.initial());
        assertThat(operators(merged)).isEqualTo(operators(expected));
        assertThat(CacheBranch.without(alone)).isSameAs(alone);
    }

    private static List<String> operators(TrainingGraph graph) {
        return graph.plain(Placement.INSIDE).getGraph().getNodeList().stream()
                .map(NodeProto::getOpType)
                .toList();
    }
}
