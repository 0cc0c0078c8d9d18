package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Decoders that Optimum merged: one graph with a cache and one without, behind an {@code If} on the input
 * {@code use_cache_branch}, over the same weights.
 */
public final class CacheBranch {
    private static final String SWITCH = "use_cache_branch";

    private CacheBranch() {}

    /**
     * The model with the branch that has no cache in the place of the choice, and without the inputs that only the other
     * one reads; the same if there is no such choice.
     */
    public static ModelProto without(ModelProto model) {
        if (model.getGraph().getNodeList().stream().noneMatch(CacheBranch::chooses)) {
            return model;
        }
        ModelProto.Builder plain = model.toBuilder();
        GraphProto.Builder graph = plain.getGraphBuilder().clearNode();
        for (NodeProto node : model.getGraph().getNodeList()) {
            if (chooses(node)) {
                write(node, graph);
            } else {
                graph.addNode(node);
            }
        }
        Set<String> read = new HashSet<>();
        graph.getNodeList().forEach(node -> addReadBy(node, read));
        List<ValueInfoProto> inputs = graph.getInputList().stream()
                .filter(input -> read.contains(input.getName()))
                .toList();
        graph.clearInput().addAllInput(inputs);
        return plain.build();
    }

    private static void addReadBy(NodeProto node, Set<String> names) {
        names.addAll(node.getInputList());
        node.getAttributeList()
                .forEach(attribute -> attribute.getG().getNodeList().forEach(inner -> addReadBy(inner, names)));
    }

    private static boolean chooses(NodeProto node) {
        return node.getOpType().equals("If")
                && node.getInputCount() == 1
                && node.getInput(0).equals(SWITCH);
    }

    private static void write(NodeProto choice, GraphProto.Builder graph) {
        GraphProto branch = choice.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals("else_branch"))
                .map(AttributeProto::getG)
                .findFirst()
                .orElseThrow(() -> new GraphRefusedException("a choice of a cache has no branch without one"));
        if (branch.getOutputCount() != choice.getOutputCount()) {
            throw new GraphRefusedException("the branch without a cache has other outputs than the choice");
        }
        graph.addAllInitializer(branch.getInitializerList()).addAllNode(branch.getNodeList());
        for (int i = 0; i < branch.getOutputCount(); i++) {
            String inside = branch.getOutput(i).getName();
            if (!inside.equals(choice.getOutput(i))) {
                graph.addNode(NodeProto.newBuilder()
                        .setOpType("Identity")
                        .addInput(inside)
                        .addOutput(choice.getOutput(i)));
            }
        }
    }
}
