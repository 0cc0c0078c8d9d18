package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Replays a model with free axes into a {@link Graph} whose inputs have static shapes: every shape becomes known, and
 * shape arithmetic disappears. On the way a {@link ProductHook} may change products with weights. Used once.
 */
public final class Specializer {
    private final ModelProto model;
    private final Graph graph;
    private final ElementType real;
    private final ProductHook hook;
    private final Map<String, Value> values = new HashMap<>();
    private final Map<String, Weight> weights = new HashMap<>();

    /** A two-dimensional initializer, as it is or transposed. */
    private record Weight(String name, boolean transposed) {
        Weight flipped(boolean flip) {
            return new Weight(name, transposed ^ flip);
        }
    }

    /** @param real what the model's float32 values become: FLOAT, or DOUBLE for numerical checks */
    public Specializer(ModelProto model, Graph graph, ElementType real, ProductHook hook) {
        this.model = model;
        this.graph = graph;
        this.real = real;
        this.hook = hook;
    }

    /**
     * Replays the model.
     *
     * @param bound values that take the place of the model's inputs (all of them) and of any initializers, by name
     * @return all of the model's values by the names they have in the model
     */
    public Map<String, Value> run(Map<String, Value> bound) {
        values.put("", Value.ABSENT);
        for (TensorProto initializer : model.getGraph().getInitializerList()) {
            String name = initializer.getName();
            if (initializer.getDimsCount() == 2) {
                weights.put(name, new Weight(name, false));
            }
            values.put(name, bound.containsKey(name) ? bound.get(name) : stored(initializer));
        }
        model.getGraph().getInputList().forEach(input -> {
            if (bound.containsKey(input.getName())) {
                values.put(input.getName(), bound.get(input.getName()));
            } else if (!values.containsKey(input.getName())) {
                throw new GraphRefusedException("nothing is known to feed input " + input.getName());
            }
        });
        model.getGraph().getNodeList().forEach(this::replay);
        return Map.copyOf(values);
    }

    private Value stored(TensorProto initializer) {
        Tensor tensor = converted(ModelReader.tensor(initializer));
        return tensor.type().isReal() && tensor.count() > 1
                ? graph.weight(initializer.getName(), tensor)
                : graph.constant(tensor);
    }

    private void replay(NodeProto node) {
        Attributes attributes = Attributes.of(node.getAttributeList());
        if (node.getOpType().equals("Constant")) {
            define(node, List.of(graph.constant(converted(literal(node.getAttribute(0))))));
            return;
        }
        List<Value> inputs = new ArrayList<>();
        node.getInputList().forEach(name -> inputs.add(value(name)));
        List<Value> outputs =
                new ArrayList<>(graph.callAll(domain(node), node.getOpType(), retyped(node, attributes), inputs));
        follow(node, attributes);
        if (node.getInputCount() > 1 && weights.containsKey(node.getInput(1)) && isProduct(node)) {
            Weight weight = weights.get(node.getInput(1)).flipped(attributes.integerOr("transB", 0) != 0);
            outputs.set(0, hook.after(graph, weight.name(), weight.transposed(), inputs.get(0), outputs.get(0)));
        }
        define(node, outputs);
    }

    private void define(NodeProto node, List<Value> outputs) {
        for (int i = 0; i < node.getOutputCount(); i++) {
            if (!node.getOutput(i).isEmpty()) {
                if (i >= outputs.size()) {
                    throw new GraphRefusedException("output " + i + " of " + node.getOpType() + " is not supported");
                }
                values.put(node.getOutput(i), outputs.get(i));
            }
        }
    }

    /** Exporters put a Transpose or an Identity between a weight and its product. */
    private void follow(NodeProto node, Attributes attributes) {
        Weight weight = node.getInputCount() == 1 ? weights.get(node.getInput(0)) : null;
        if (weight != null && node.getOpType().equals("Transpose")) {
            weights.put(
                    node.getOutput(0),
                    weight.flipped(
                            attributes.findIntegers("perm").map(p -> p[0] == 1).orElse(true)));
        } else if (weight != null && node.getOpType().equals("Identity")) {
            weights.put(node.getOutput(0), weight);
        }
    }

    private static boolean isProduct(NodeProto node) {
        return node.getOpType().equals("MatMul")
                || (node.getOpType().equals("Gemm")
                        && node.getAttributeList().stream()
                                .noneMatch(a -> a.getName().equals("transA") && a.getI() != 0));
    }

    private Value value(String name) {
        Value value = values.get(name);
        if (value == null) {
            throw new GraphRefusedException("value " + name + " is used before it is made");
        }
        return value;
    }

    /** {@code ai.onnx} is another name of the standard domain. */
    private static String domain(NodeProto node) {
        return node.getDomain().equals("ai.onnx") ? "" : node.getDomain();
    }

    private Attributes retyped(NodeProto node, Attributes attributes) {
        boolean toFloat = node.getOpType().equals("Cast") && attributes.integer("to") == ElementType.FLOAT.code();
        return toFloat ? attributes.integer("to", real.code()) : attributes;
    }

    private Tensor converted(Tensor tensor) {
        return real == ElementType.DOUBLE ? tensor.toDouble() : tensor;
    }

    private static Tensor literal(AttributeProto attribute) {
        long[] integers =
                attribute.getIntsList().stream().mapToLong(Long::longValue).toArray();
        return switch (attribute.getName()) {
            case "value" -> ModelReader.tensor(attribute.getT());
            case "value_int" -> Tensor.ofLongs(new long[] {attribute.getI()});
            case "value_float" -> Tensor.scalar(ElementType.FLOAT, attribute.getF());
            case "value_ints" -> Tensor.ofLongs(integers, integers.length);
            default -> throw new GraphRefusedException("a constant of kind " + attribute.getName());
        };
    }
}
