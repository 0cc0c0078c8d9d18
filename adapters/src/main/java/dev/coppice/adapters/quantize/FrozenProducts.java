package dev.coppice.adapters.quantize;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.coppice.adapters.onnx.ElementType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The products of a graph whose matrices may become small: MatMul and Gemm by a matrix in float32 or float16 that is stored, used by
 * nothing else (tied embeddings stay) and, unless asked for, not the one that makes an output.
 */
final class FrozenProducts {
    private static final Set<String> PASSED_ON =
            Set.of("Identity", "Cast", "Add", "Reshape", "Squeeze", "Unsqueeze", "Gather", "Slice");
    private static final Set<Integer> FLOATS = Set.of(ElementType.FLOAT.code(), ElementType.FLOAT16.code());

    private final GraphProto graph;
    private final Map<String, TensorProto> stored = new HashMap<>();
    private final Map<String, NodeProto> makers = new HashMap<>();
    private final Map<String, List<NodeProto>> users = new HashMap<>();

    /**
     * One product.
     *
     * @param weight the stored matrix
     * @param transposed whether that is [in, out]
     */
    record Product(NodeProto node, TensorProto weight, boolean transposed) {}

    FrozenProducts(GraphProto graph) {
        this.graph = graph;
        graph.getInitializerList().forEach(tensor -> stored.put(tensor.getName(), tensor));
        for (NodeProto node : graph.getNodeList()) {
            node.getOutputList().forEach(output -> makers.put(output, node));
            Set.copyOf(node.getInputList())
                    .forEach(input -> users.computeIfAbsent(input, name -> new ArrayList<>())
                            .add(node));
        }
    }

    List<Product> find(boolean head) {
        Set<NodeProto> heads = head ? Set.of() : heads();
        List<Product> products = new ArrayList<>();
        for (NodeProto node : graph.getNodeList()) {
            if (isProduct(node) && !heads.contains(node)) {
                find(node).ifPresent(products::add);
            }
        }
        return products;
    }

    /** The matrix as it is stored, or with a Transpose in between, as exporters write it. */
    private Optional<Product> find(NodeProto node) {
        String input = node.getInput(1);
        boolean transB = integer(node, "transB", 0) != 0;
        NodeProto maker = makers.get(input);
        if (maker == null) {
            return findMatrix(input, node).map(weight -> new Product(node, weight, !transB));
        }
        return isSwap(maker) && isOnlyUsedBy(input, node)
                ? findMatrix(maker.getInput(0), maker).map(weight -> new Product(node, weight, transB))
                : Optional.empty();
    }

    private Optional<TensorProto> findMatrix(String name, NodeProto user) {
        return Optional.ofNullable(stored.get(name))
                .filter(tensor -> FLOATS.contains(tensor.getDataType()) && tensor.getDimsCount() == 2)
                .filter(tensor -> isOnlyUsedBy(name, user));
    }

    private boolean isOnlyUsedBy(String value, NodeProto user) {
        boolean isOutput =
                graph.getOutputList().stream().map(ValueInfoProto::getName).anyMatch(value::equals);
        return !isOutput && users.getOrDefault(value, List.of()).equals(List.of(user));
    }

    /** The first product on the way back from an output makes it, if no two computed values come together before. */
    private Set<NodeProto> heads() {
        Set<NodeProto> heads = new HashSet<>();
        for (ValueInfoProto output : graph.getOutputList()) {
            NodeProto node = makers.get(output.getName());
            while (node != null) {
                if (isProduct(node)) {
                    heads.add(node);
                }
                List<String> computed =
                        node.getInputList().stream().filter(makers::containsKey).toList();
                boolean passes = PASSED_ON.contains(node.getOpType()) && computed.size() == 1;
                node = passes ? makers.get(computed.get(0)) : null;
            }
        }
        return heads;
    }

    private static boolean isProduct(NodeProto node) {
        return node.getOpType().equals("MatMul")
                || (node.getOpType().equals("Gemm")
                        && integer(node, "transA", 0) == 0
                        && real(node, "alpha") == 1
                        && real(node, "beta") == 1);
    }

    private static boolean isSwap(NodeProto node) {
        return node.getOpType().equals("Transpose")
                && node.getAttributeList().stream()
                        .filter(attribute -> attribute.getName().equals("perm"))
                        .allMatch(attribute -> attribute.getIntsList().equals(List.of(1L, 0L)));
    }

    private static long integer(NodeProto node, String name, long otherwise) {
        return node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .mapToLong(AttributeProto::getI)
                .findFirst()
                .orElse(otherwise);
    }

    private static double real(NodeProto node, String name) {
        return node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .mapToDouble(AttributeProto::getF)
                .findFirst()
                .orElse(1);
    }
}
