package dev.coppice.adapters;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Protos;
import java.util.List;

/** A decoder behind a choice, as Optimum merges one with a cache and one without. */
public final class MergedDecoder {
    private static final String SWITCH = "use_cache_branch";
    private static final String PAST = "past_key_values.0.key";

    private MergedDecoder() {}

    /** All of the model in the branch without a cache, its outputs under other names; the other one does nothing useful. */
    public static ModelProto of(ModelProto model) {
        GraphProto graph = model.getGraph();
        GraphProto.Builder without = GraphProto.newBuilder().setName("else");
        GraphProto.Builder with = GraphProto.newBuilder().setName("then");
        NodeProto.Builder choice = NodeProto.newBuilder().setOpType("If").addInput(SWITCH);
        graph.getOutputList().forEach(output -> {
            without.addOutput(output.toBuilder().setName("inner_" + output.getName()));
            with.addOutput(output.toBuilder().setName("cached_" + output.getName()));
            with.addNode(NodeProto.newBuilder()
                    .setOpType("Identity")
                    .addInput(PAST)
                    .addOutput("cached_" + output.getName()));
            choice.addOutput(output.getName());
        });
        for (NodeProto node : graph.getNodeList()) {
            boolean last = choice.getOutputList().contains(node.getOutput(0));
            without.addNode(
                    last
                            ? node.toBuilder()
                                    .setOutput(0, "inner_" + node.getOutput(0))
                                    .build()
                            : node);
        }
        choice.addAttribute(branch("else_branch", without)).addAttribute(branch("then_branch", with));
        List<Dim> cache = List.of(Dim.free("batch"), Dim.fixed(2), Dim.free("past"), Dim.fixed(4));
        return model.toBuilder()
                .setGraph(graph.toBuilder()
                        .clearNode()
                        .addNode(choice)
                        .addInput(Protos.info(PAST, ElementType.FLOAT, cache))
                        .addInput(Protos.info(SWITCH, ElementType.BOOL, List.of(Dim.fixed(1)))))
                .build();
    }

    private static AttributeProto.Builder branch(String name, GraphProto.Builder graph) {
        return AttributeProto.newBuilder()
                .setName(name)
                .setType(AttributeType.GRAPH)
                .setG(graph);
    }
}
