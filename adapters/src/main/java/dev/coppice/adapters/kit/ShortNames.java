package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Values that are known inside a model only are called by a number: runtimes hash, compare and copy each name many times
 * while they open a model.
 */
final class ShortNames {
    private final Set<String> kept = new HashSet<>();
    private final Map<String, String> numbers = new HashMap<>();

    private ShortNames(GraphProto graph) {
        graph.getInputList().forEach(input -> kept.add(input.getName()));
        graph.getOutputList().forEach(output -> kept.add(output.getName()));
        graph.getInitializerList().forEach(weight -> kept.add(weight.getName()));
    }

    /** The same model; what it is fed, gives and stores keeps its name. */
    static ModelProto in(ModelProto model) {
        GraphProto graph = model.getGraph();
        return model.toBuilder().setGraph(new ShortNames(graph).shorten(graph)).build();
    }

    private GraphProto shorten(GraphProto graph) {
        GraphProto.Builder copy =
                graph.toBuilder().clearInitializer().clearNode().clearOutput();
        for (TensorProto constant : graph.getInitializerList()) {
            copy.addInitializer(constant.toBuilder().setName(shorten(constant.getName())));
        }
        for (NodeProto node : graph.getNodeList()) {
            copy.addNode(shorten(node));
        }
        for (ValueInfoProto output : graph.getOutputList()) {
            copy.addOutput(output.toBuilder().setName(shorten(output.getName())));
        }
        return copy.build();
    }

    private NodeProto shorten(NodeProto node) {
        List<AttributeProto> attributes = new ArrayList<>();
        for (AttributeProto attribute : node.getAttributeList()) {
            attributes.add(
                    attribute.hasG()
                            ? attribute.toBuilder()
                                    .setG(shorten(attribute.getG()))
                                    .build()
                            : attribute);
        }
        return node.toBuilder()
                .clearName()
                .clearInput()
                .clearOutput()
                .clearAttribute()
                .addAllInput(node.getInputList().stream().map(this::shorten).toList())
                .addAllOutput(node.getOutputList().stream().map(this::shorten).toList())
                .addAllAttribute(attributes)
                .build();
    }

    /** The name of an operand that is left out is empty, and stays so. */
    private String shorten(String name) {
        return name.isEmpty() || kept.contains(name) ? name : numbers.computeIfAbsent(name, this::number);
    }

    private String number(String name) {
        String number = "." + numbers.size();
        return kept.contains(number) ? name : number;
    }
}
