package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Builds a model file with free axes, node by node; values are referred to by name. Shapes are not checked here: that
 * happens when the model is specialised or run. Equal calls give equal bytes. Not thread-safe.
 */
public final class ModelBuilder {
    /** The version of the standard operators that built models use. */
    public static final int OPSET = 17;

    private final GraphProto.Builder graph;
    private final Set<String> names = new HashSet<>();
    private int made;

    public ModelBuilder(String name) {
        this.graph = GraphProto.newBuilder().setName(name);
    }

    /** Declares an input and returns its name. */
    public String input(String name, ElementType type, Dim... dims) {
        graph.addInput(Protos.info(unused(name), type, List.of(dims)));
        return name;
    }

    /** Gives a value the name of an output and declares it. */
    public void output(String value, String name, ElementType type, Dim... dims) {
        add("", "Identity", Attributes.none(), List.of(value), List.of(unused(name)));
        graph.addOutput(Protos.info(name, type, List.of(dims)));
    }

    /** Adds a float32 weight under its own name (it can then be a LoRA target or be trained) and returns that name. */
    public String weight(String name, float[] values, long... shape) {
        graph.addInitializer(Protos.tensor(unused(name), Tensor.ofFloats(values, shape)));
        return name;
    }

    /** As {@link #weight(String, float[], long...)}, for values that lie in a file beside the model. */
    public String weight(String name, Place place, long... shape) {
        graph.addInitializer(Protos.tensor(unused(name), ElementType.FLOAT, shape, place));
        return name;
    }

    /** Adds an unnamed constant and returns the name it got. */
    public String constant(Tensor value) {
        String name = fresh("constant");
        graph.addInitializer(Protos.tensor(name, value));
        return name;
    }

    /** Adds a list of whole numbers, as shapes and axes are given. */
    public String integers(long... values) {
        return constant(Tensor.ofLongs(values, values.length));
    }

    /** Adds one float32 number without axes. */
    public String real(double value) {
        return constant(Tensor.scalar(ElementType.FLOAT, value));
    }

    /** Adds a standard operator without attributes; returns the name of its first output. */
    public String node(String op, String... inputs) {
        return node(op, Attributes.none(), inputs);
    }

    /** Adds a standard operator; returns the name of its first output. An empty input name leaves that input out. */
    public String node(String op, Attributes attributes, String... inputs) {
        return nodeOf("", op, attributes, inputs);
    }

    /** Adds an operator of another domain ({@link Node#MICROSOFT}); returns the name of its first output. */
    public String nodeOf(String domain, String op, Attributes attributes, String... inputs) {
        return nodes(domain, op, attributes, 1, inputs).get(0);
    }

    /** Adds an operator with several outputs; returns their names. */
    public List<String> nodes(String domain, String op, Attributes attributes, int outputs, String... inputs) {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < outputs; i++) {
            names.add(fresh(op.toLowerCase(Locale.ROOT)));
        }
        add(domain, op, attributes, List.of(inputs), names);
        return List.copyOf(names);
    }

    public ModelProto build() {
        return Protos.model(graph, OPSET);
    }

    /** Writes the model to a file, replacing what was there. */
    public void write(Path file) throws IOException {
        Files.write(file, build().toByteArray());
    }

    private void add(String domain, String op, Attributes attributes, List<String> inputs, List<String> outputs) {
        for (String input : inputs) {
            if (!input.isEmpty() && !names.contains(input)) {
                throw new IllegalArgumentException(op + " uses " + input + ", which does not exist yet");
            }
        }
        graph.addNode(Protos.node(new Node(domain, op, attributes, inputs, outputs), made++));
    }

    private String fresh(String prefix) {
        return unused(prefix + "_" + made++);
    }

    private String unused(String name) {
        if (!names.add(name)) {
            throw new IllegalArgumentException("two values are named " + name);
        }
        return name;
    }
}
