package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.onnx.CacheBranch;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Placement;
import dev.coppice.adapters.onnx.Protos;
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
        TrainingGraph merged = new TrainingGraph(StoredModel.of(merged(alone)), List.of(), SPEC, ElementType.FLOAT);
        assertThat(merged.initial()).isEqualTo(expected.initial());
        assertThat(operators(merged)).isEqualTo(operators(expected));
        assertThat(CacheBranch.without(alone)).isSameAs(alone);
    }

    private static List<String> operators(TrainingGraph graph) {
        return graph.plain(Placement.INSIDE).getGraph().getNodeList().stream()
                .map(NodeProto::getOpType)
                .toList();
    }

    /** All of the model behind a choice, its outputs under other names; the branch with a cache is left out. */
    private static ModelProto merged(ModelProto model) {
        GraphProto graph = model.getGraph();
        GraphProto.Builder branch = GraphProto.newBuilder().setName("else");
        NodeProto.Builder choice = NodeProto.newBuilder().setOpType("If").addInput("use_cache_branch");
        graph.getOutputList().forEach(output -> {
            branch.addOutput(output.toBuilder().setName("inner_" + output.getName()));
            choice.addOutput(output.getName());
        });
        for (NodeProto node : graph.getNodeList()) {
            boolean last = choice.getOutputList().contains(node.getOutput(0));
            branch.addNode(
                    last
                            ? node.toBuilder()
                                    .setOutput(0, "inner_" + node.getOutput(0))
                                    .build()
                            : node);
        }
        choice.addAttribute(AttributeProto.newBuilder()
                .setName("else_branch")
                .setType(AttributeType.GRAPH)
                .setG(branch));
        return model.toBuilder()
                .setGraph(graph.toBuilder()
                        .clearNode()
                        .addNode(choice)
                        .addInput(Protos.info("use_cache_branch", ElementType.BOOL, List.of(Dim.fixed(1)))))
                .build();
    }
}
