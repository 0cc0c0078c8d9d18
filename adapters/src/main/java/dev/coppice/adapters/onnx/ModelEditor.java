package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A model under change, its axes as free as they were: inputs, operators and outputs are put in, and what no output
 * needs is left out. Values are referred to by name; operators stay in an order in which each comes after those whose
 * outputs it uses, if they are put where that is so. Not thread-safe.
 */
public final class ModelEditor {
    private final ModelProto.Builder model;
    private final List<NodeProto> nodes;
    private final Set<String> names = new HashSet<>();
    private int made;

    public ModelEditor(ModelProto model) {
        this.model = model.toBuilder();
        this.model.getGraphBuilder().clearValueInfo(); // shapes that a change may make untrue
        this.nodes = new ArrayList<>(model.getGraph().getNodeList());
        GraphProto graph = model.getGraph();
        graph.getInputList().forEach(input -> names.add(input.getName()));
        graph.getInitializerList().forEach(weight -> names.add(weight.getName()));
        graph.getNodeList().forEach(this::addNames);
    }

    /** The operators as they are now. */
    public List<NodeProto> nodes() {
        return List.copyOf(nodes);
    }

    public void replaceNode(int index, NodeProto node) {
        nodes.set(index, node);
        addNames(node);
    }

    /** Whether a value is held by the model. */
    public boolean isWeight(String value) {
        return model.getGraph().getInitializerList().stream()
                .anyMatch(weight -> weight.getName().equals(value));
    }

    /** Shapes of all values that the model holds, by name. */
    public Map<String, List<Long>> weights() {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        model.getGraph().getInitializerList().forEach(weight -> shapes.put(weight.getName(), weight.getDimsList()));
        return shapes;
    }

    /** Index of the operator that makes a value; none makes inputs and weights. */
    public OptionalInt findMaker(String value) {
        for (int i = 0; i < nodes.size(); i++) {
            if (nodes.get(i).getOutputList().contains(value)) {
                return OptionalInt.of(i);
            }
        }
        return OptionalInt.empty();
    }

    /** Declares an input and returns its name. */
    public String input(String name, ElementType type, Dim... dims) {
        model.getGraphBuilder().addInput(Protos.info(claimed(name), type, List.of(dims)));
        return name;
    }

    /** Adds a value that the model holds and returns its name. */
    public String constant(Tensor tensor) {
        String name = fresh();
        model.getGraphBuilder().addInitializer(Protos.tensor(name, tensor));
        return name;
    }

    /** Puts in an operator of the standard domain, before the one at an index or, at their number, after all. */
    public String insert(int index, String op, Attributes attributes, String... inputs) {
        String output = fresh();
        insert(index, new Node("", op, attributes, List.of(inputs), List.of(output)));
        return output;
    }

    /** As {@link #insert(int, String, Attributes, String...)}, for outputs whose names are given. */
    public void insert(int index, Node node) {
        names.addAll(node.outputs());
        nodes.add(index, Protos.node(node, made++).toBuilder().setName(fresh()).build());
    }

    /** Puts in an operator after all others. */
    public String append(String op, Attributes attributes, String... inputs) {
        return insert(nodes.size(), op, attributes, inputs);
    }

    /** A name that no value and no operator has. */
    public String fresh() {
        String name = "coppice_" + made++;
        while (!names.add(name)) {
            name = "coppice_" + made++;
        }
        return name;
    }

    /** A name that no value has, as near to the wish as can be. */
    public String unused(String wish) {
        String name = wish;
        for (int i = 2; names.contains(name); i++) {
            name = wish + "_" + i;
        }
        return name;
    }

    /** Declares a value as an output, under another name. */
    public void output(String value, String name, ElementType type, Dim... dims) {
        insert(nodes.size(), new Node("", "Identity", Attributes.none(), List.of(value), List.of(claimed(name))));
        model.getGraphBuilder().addOutput(Protos.info(name, type, List.of(dims)));
    }

    /** Drops some outputs. What only they needed is left out by {@link #build}, and its names are free again. */
    public void keepOutputs(Predicate<String> kept) {
        GraphProto.Builder graph = model.getGraphBuilder();
        List<ValueInfoProto> outputs = graph.getOutputList().stream()
                .filter(output -> kept.test(output.getName()))
                .toList();
        graph.clearOutput().addAllOutput(outputs);
        prune();
    }

    /** Makes a weight an input as well: what is fed there takes the place of what the model holds. */
    public void makeInput(String weight) {
        TensorProto held = model.getGraph().getInitializerList().stream()
                .filter(tensor -> tensor.getName().equals(weight))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the model has no weight " + weight));
        List<Dim> dims = held.getDimsList().stream().map(Dim::fixed).toList();
        model.getGraphBuilder().addInput(Protos.info(weight, ElementType.ofCode(held.getDataType()), dims));
    }

    /** Declares an input and what it is where nothing is fed. */
    public void input(String name, Tensor otherwise, Dim... dims) {
        input(name, otherwise.type(), dims);
        model.getGraphBuilder().addInitializer(Protos.tensor(name, otherwise));
    }

    /** Puts a weight in the place of the one that has its name, or beside the others if none has. */
    public void setWeight(TensorProto weight) {
        GraphProto.Builder graph = model.getGraphBuilder();
        for (int i = 0; i < graph.getInitializerCount(); i++) {
            if (graph.getInitializer(i).getName().equals(weight.getName())) {
                graph.setInitializer(i, weight);
                return;
            }
        }
        names.add(weight.getName());
        graph.addInitializer(weight);
    }

    /** The model with all changes, without what its outputs do not need. */
    public ModelProto build() {
        prune();
        ModelProto.Builder built = model.clone();
        built.getGraphBuilder().clearNode().addAllNode(nodes);
        return built.build();
    }

    private void prune() {
        Set<String> needed = new HashSet<>();
        model.getGraphBuilder().getOutputList().forEach(output -> needed.add(output.getName()));
        Deque<NodeProto> kept = new ArrayDeque<>();
        for (int i = nodes.size() - 1; i >= 0; i--) {
            NodeProto node = nodes.get(i);
            if (node.getOutputList().stream().anyMatch(needed::contains)) {
                needed.addAll(node.getInputList());
                node.getAttributeList().forEach(attribute -> addOuterValues(attribute, needed));
                kept.addFirst(node);
            }
        }
        nodes.clear();
        nodes.addAll(kept);
        GraphProto.Builder graph = model.getGraphBuilder();
        List<TensorProto> weights = graph.getInitializerList().stream()
                .filter(weight -> needed.contains(weight.getName()))
                .toList();
        graph.clearInitializer().addAllInitializer(weights);
        names.retainAll(needed);
        graph.getInputList().forEach(input -> names.add(input.getName()));
        nodes.forEach(this::addNames);
    }

    private void addNames(NodeProto node) {
        names.add(node.getName());
        names.addAll(node.getOutputList());
    }

    /** Branches and loop bodies use values of the graph around them. */
    private static void addOuterValues(AttributeProto attribute, Set<String> needed) {
        List<GraphProto> inner = new ArrayList<>(attribute.getGraphsList());
        if (attribute.hasG()) {
            inner.add(attribute.getG());
        }
        for (GraphProto graph : inner) {
            graph.getOutputList().forEach(output -> needed.add(output.getName()));
            for (NodeProto node : graph.getNodeList()) {
                needed.addAll(node.getInputList());
                node.getAttributeList().forEach(more -> addOuterValues(more, needed));
            }
        }
    }

    private String claimed(String name) {
        if (!names.add(name)) {
            throw new GraphRefusedException("two values are named " + name);
        }
        return name;
    }
}
