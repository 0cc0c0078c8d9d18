package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Protos;
import dev.coppice.adapters.onnx.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeSet;

/**
 * One model out of several that compute the same for rows of different lengths: each run takes the shortest that holds
 * all real tokens of its batch, as the mask says. What is cut off is padding without labels, which has no influence.
 */
final class ByLength {
    private static final int SHORTEST_WORTH_IT = 16;
    private static final int MULTIPLE = 8;

    private ByLength() {}

    /** The lengths that a kit for rows of this length has graphs for, the given one last. */
    static List<Integer> lengths(int longest) {
        Set<Integer> lengths = new TreeSet<>(Set.of(longest));
        int half = (longest / 2 + MULTIPLE - 1) / MULTIPLE * MULTIPLE;
        if (half >= SHORTEST_WORTH_IT && half < longest) {
            lengths.add(half);
        }
        return List.copyOf(lengths);
    }

    /** Begins the names of all that a graph for rows of this length, which are not the longest, makes up. */
    static String prefix(int length) {
        return "length_" + length + ".";
    }

    /** @param models by length; with the same outputs, and names that differ unless they mean the same */
    static ModelProto of(NavigableMap<Integer, ModelProto> models) {
        int longest = models.lastKey();
        ModelProto whole = models.lastEntry().getValue();
        if (models.size() == 1) {
            return whole;
        }
        GraphProto.Builder outer = GraphProto.newBuilder()
                .setName(whole.getGraph().getName())
                .addAllInput(whole.getGraph().getInputList())
                .addAllOutput(whole.getGraph().getOutputList());
        Map<String, TensorProto> weights = new LinkedHashMap<>();
        models.values()
                .forEach(model -> model.getGraph().getInitializerList().stream()
                        .filter(ByLength::isBeside)
                        .forEach(weight -> weights.put(weight.getName(), weight)));
        weights.values().forEach(outer::addInitializer);

        GraphProto chosen = branch(whole.getGraph(), whole.getGraph(), longest, longest);
        NodeProto choice = NodeProto.getDefaultInstance();
        for (Map.Entry<Integer, ModelProto> model :
                models.headMap(longest, false).descendingMap().entrySet()) {
            int length = model.getKey();
            GraphProto shorter = branch(model.getValue().getGraph(), whole.getGraph(), length, longest);
            String fits = fits(outer, length, longest);
            Attributes branches =
                    Attributes.none().graph("then_branch", shorter).graph("else_branch", chosen);
            String name = "up_to_" + length + ".";
            List<String> outputs = new ArrayList<>();
            whole.getGraph().getOutputList().forEach(output -> outputs.add(name + output.getName()));
            choice = Protos.node(new Node("", "If", branches, List.of(fits), outputs), length);
            GraphProto.Builder next =
                    GraphProto.newBuilder().setName("longer_than_" + length).addNode(choice);
            whole.getGraph()
                    .getOutputList()
                    .forEach(output -> next.addOutput(output.toBuilder().setName(name + output.getName())));
            chosen = next.build();
        }
        List<String> outputs = whole.getGraph().getOutputList().stream()
                .map(ValueInfoProto::getName)
                .toList();
        outer.addNode(choice.toBuilder().clearOutput().addAllOutput(outputs));
        return whole.toBuilder().setGraph(outer).build();
    }

    /** Whether no real token stands behind this length. */
    private static String fits(GraphProto.Builder graph, int length, int longest) {
        String behind = cut(graph, KitInputs.MASK, 1, length, longest, "behind_" + length);
        String most = "most_" + behind;
        add(graph, "ReduceMax", Attributes.none().integer("keepdims", 0), List.of(behind), most);
        String none = "none_" + behind;
        add(graph, "Less", Attributes.none(), List.of(most, number(graph, none + ".one", 1)), none);
        return none;
    }

    /** A graph that takes its inputs, cut to their shapes, from the graph around it. */
    private static GraphProto branch(GraphProto graph, GraphProto around, int length, int longest) {
        GraphProto.Builder branch = GraphProto.newBuilder().setName("of_length_" + length);
        Map<String, String> renamed = new HashMap<>();
        Map<String, ValueInfoProto> outside = new HashMap<>();
        around.getInputList().forEach(input -> outside.put(input.getName(), input));
        for (ValueInfoProto input : graph.getInputList()) {
            ValueInfoProto given = outside.getOrDefault(input.getName(), input);
            if (!given.equals(input)) {
                renamed.put(input.getName(), cut(branch, given, input, length, longest));
            }
        }
        for (ValueInfoProto output : graph.getOutputList()) {
            String name = prefix(length) + output.getName();
            renamed.put(output.getName(), name);
            branch.addOutput(output.toBuilder().setName(name));
        }
        for (TensorProto constant : graph.getInitializerList()) {
            if (!isBeside(constant)) {
                String name = prefix(length) + constant.getName();
                renamed.put(constant.getName(), name);
                branch.addInitializer(constant.toBuilder().setName(name));
            }
        }
        for (NodeProto node : graph.getNodeList()) {
            NodeProto.Builder copy = node.toBuilder().setName(prefix(length) + node.getName());
            for (int i = 0; i < node.getInputCount(); i++) {
                copy.setInput(i, renamed.getOrDefault(node.getInput(i), node.getInput(i)));
            }
            for (int i = 0; i < node.getOutputCount(); i++) {
                copy.setOutput(i, renamed.getOrDefault(node.getOutput(i), node.getOutput(i)));
            }
            branch.addNode(copy);
        }
        return branch.build();
    }

    /** Positions are an axis of their own, or one with the rows (dropout's masks): then it is taken apart first. */
    private static String cut(
            GraphProto.Builder graph, ValueInfoProto given, ValueInfoProto wanted, int length, int longest) {
        String name = given.getName();
        String start = prefix(length) + name;
        long[] from = shape(given);
        long[] to = shape(wanted);
        int axis = 0;
        while (from[axis] == to[axis]) {
            axis++;
        }
        if (from[axis] == longest) {
            return cut(graph, name, axis, 0, length, start);
        }
        String apart = reshaped(graph, name, start + ".apart", from[0] / longest, longest, from[1]);
        return reshaped(graph, cut(graph, apart, 1, 0, length, start + ".cut"), start, to);
    }

    private static String cut(GraphProto.Builder graph, String x, int axis, int from, int to, String name) {
        List<String> inputs = List.of(
                x,
                numbers(graph, name + ".from", from),
                numbers(graph, name + ".to", to),
                numbers(graph, name + ".axis", axis));
        add(graph, "Slice", Attributes.none(), inputs, name);
        return name;
    }

    private static String reshaped(GraphProto.Builder graph, String x, String name, long... shape) {
        add(graph, "Reshape", Attributes.none(), List.of(x, numbers(graph, name + ".shape", shape)), name);
        return name;
    }

    private static String numbers(GraphProto.Builder graph, String name, long... values) {
        graph.addInitializer(Protos.tensor(name, Tensor.ofLongs(values, values.length)));
        return name;
    }

    private static String number(GraphProto.Builder graph, String name, int value) {
        graph.addInitializer(Protos.tensor(name, Tensor.scalar(ElementType.INT64, value)));
        return name;
    }

    /** Weights are shared; small constants belong to the graph that uses them. */
    private static boolean isBeside(TensorProto tensor) {
        return tensor.getDataLocation() == TensorProto.DataLocation.EXTERNAL;
    }

    private static long[] shape(ValueInfoProto value) {
        return value.getType().getTensorType().getShape().getDimList().stream()
                .mapToLong(TensorShapeProto.Dimension::getDimValue)
                .toArray();
    }

    private static void add(GraphProto.Builder graph, String op, Attributes attributes, List<String> in, String out) {
        graph.addNode(Protos.node(new Node("", op, attributes, in, List.of(out)), graph.getNodeCount()));
    }
}
