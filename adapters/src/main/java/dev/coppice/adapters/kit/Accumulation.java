package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Protos;
import java.util.ArrayList;
import java.util.List;

/**
 * The model of a training session: loss, the sum of all squared gradients (so that a step can be refused before anything
 * is spoilt), and gradients added to the session's buffers.
 */
final class Accumulation {
    static final String GRADIENT_SQUARES = "gradient_squares";
    static final String RESET = "lazy_reset_grad";
    private static final String ACCUMULATION = ".accumulation";
    static final String BUFFER = TrainingModels.GRADIENT + ACCUMULATION + ".buffer";

    private Accumulation() {}

    /** @param gradients a model whose outputs are the loss and one gradient for each trainable */
    static ModelProto of(ModelProto gradients) {
        List<ValueInfoProto> found = gradients.getGraph().getOutputList();
        GraphProto.Builder graph = gradients.getGraph().toBuilder()
                .setName("training")
                .clearOutput()
                .addOutput(found.get(0));
        graph.addOutput(Protos.info(GRADIENT_SQUARES, ElementType.FLOAT, List.of()));
        List<String> squares = new ArrayList<>();
        for (ValueInfoProto gradient : found.subList(1, found.size())) {
            String name = gradient.getName();
            String buffer = name + ACCUMULATION + ".buffer";
            graph.addInput(gradient.toBuilder().setName(buffer));
            add(
                    graph,
                    "",
                    "ReduceSumSquare",
                    Attributes.none().integer("keepdims", 0),
                    List.of(name),
                    name + "_squares");
            squares.add(name + "_squares");
            String accumulated = name + ACCUMULATION + ".out";
            add(
                    graph,
                    Node.MICROSOFT,
                    "InPlaceAccumulatorV2",
                    Attributes.none(),
                    List.of(buffer, name, RESET),
                    accumulated);
            graph.addOutput(Protos.info(accumulated, ElementType.BOOL, List.of(Dim.fixed(1))));
        }
        add(graph, "", "Sum", Attributes.none(), squares, GRADIENT_SQUARES);
        graph.addInput(Protos.info(RESET, ElementType.BOOL, List.of(Dim.fixed(1))));
        return gradients.toBuilder().setGraph(graph).build();
    }

    private static void add(
            GraphProto.Builder graph, String domain, String op, Attributes attributes, List<String> in, String out) {
        graph.addNode(Protos.node(new Node(domain, op, attributes, in, List.of(out)), graph.getNodeCount()));
    }
}
