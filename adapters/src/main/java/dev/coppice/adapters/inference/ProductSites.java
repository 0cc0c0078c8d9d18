package dev.coppice.adapters.inference;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.onnx.ElementType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds products with weights in a model whose axes are free: {@code MatMul}, {@code FusedMatMul}, {@code Gemm} and
 * {@code MatMulNBits}, also where an exporter put a {@code Transpose}, an {@code Identity}, a {@code Cast} or a
 * {@code DequantizeLinear} between a weight and its product.
 */
final class ProductSites {
    /** A weight as a product sees it. */
    private record Seen(TensorProto weight, boolean flipped, ElementType element) {
        boolean quantized() {
            return weight.getDataType() != element.code()
                    && !ElementType.ofCode(weight.getDataType()).isReal();
        }
    }

    private final ModulePaths paths;
    private final Map<String, TensorProto> weights = new HashMap<>();
    private final Map<String, Seen> seen = new HashMap<>();

    private ProductSites(ModulePaths paths) {
        this.paths = paths;
    }

    /**
     * All products whose module is known, in the order of the operators.
     *
     * @param paths of the model before anything was changed in it
     */
    static List<ProductSite> of(ModelProto model, ModulePaths paths) {
        return new ProductSites(paths).in(model.getGraph());
    }

    private List<ProductSite> in(GraphProto graph) {
        for (TensorProto weight : graph.getInitializerList()) {
            weights.put(weight.getName(), weight);
            if (weight.getDimsCount() == 2) {
                seen.put(weight.getName(), new Seen(weight, false, ElementType.ofCode(weight.getDataType())));
            }
        }
        List<ProductSite> sites = new ArrayList<>();
        for (int i = 0; i < graph.getNodeCount(); i++) {
            NodeProto node = graph.getNode(i);
            follow(node);
            site(i, node).ifPresent(sites::add);
        }
        return sites;
    }

    private void follow(NodeProto node) {
        Seen from = node.getInputCount() > 0 ? seen.get(node.getInput(0)) : null;
        if (from != null) {
            switch (node.getOpType()) {
                case "Transpose" -> seen.put(node.getOutput(0), new Seen(from.weight, !from.flipped, from.element));
                case "Identity" -> seen.put(node.getOutput(0), from);
                case "Cast" -> {
                    ElementType to = ElementType.ofCode((int) integer(node, "to"));
                    seen.put(node.getOutput(0), new Seen(from.weight, from.flipped, to));
                }
                case "DequantizeLinear" -> {
                    ElementType to = element(node.getInput(1));
                    seen.put(node.getOutput(0), new Seen(from.weight, from.flipped, to));
                }
                default -> {} // not a weight any more
            }
        }
    }

    private Optional<ProductSite> site(int index, NodeProto node) {
        Seen weight = node.getInputCount() > 1 ? seen.get(node.getInput(1)) : null;
        return switch (node.getOpType()) {
            case "MatMul" -> Optional.ofNullable(weight).flatMap(w -> site(index, w, w.flipped));
            case "Gemm", "FusedMatMul" ->
                Optional.ofNullable(weight)
                        .filter(w -> integer(node, "transA") == 0)
                        .flatMap(w -> site(index, w, w.flipped ^ integer(node, "transB") != 0));
            case "MatMulNBits" ->
                paths.find(node.getInput(1))
                        .map(module -> new ProductSite(
                                index,
                                module,
                                node.getInput(1),
                                true,
                                true,
                                integer(node, "K"),
                                integer(node, "N"),
                                element(node.getInput(2))));
            default -> Optional.empty();
        };
    }

    private Optional<ProductSite> site(int index, Seen seen, boolean transposed) {
        long rows = seen.weight.getDims(0);
        long columns = seen.weight.getDims(1);
        String name = seen.weight.getName();
        return paths.find(name)
                .map(module -> new ProductSite(
                        index,
                        module,
                        name,
                        transposed,
                        seen.quantized(),
                        transposed ? columns : rows,
                        transposed ? rows : columns,
                        seen.element));
    }

    private ElementType element(String weight) {
        @Nullable TensorProto tensor = weights.get(weight);
        return tensor == null ? ElementType.FLOAT : ElementType.ofCode(tensor.getDataType());
    }

    private static long integer(NodeProto node, String name) {
        return node.getAttributeList().stream()
                .filter(attribute -> attribute.getName().equals(name))
                .mapToLong(AttributeProto::getI)
                .findFirst()
                .orElse(0);
    }
}
