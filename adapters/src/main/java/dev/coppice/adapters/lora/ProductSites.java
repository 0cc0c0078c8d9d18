package dev.coppice.adapters.lora;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the products with stored matrices in a model's graph, and what leads from them to an output. */
final class ProductSites {
    private static final Set<String> PRODUCTS =
            Set.of("MatMul", "Gemm", "FusedMatMul", "FusedGemm", "Attention", "MatMulNBits");
    private static final Set<String> STILL_THE_WEIGHT = Set.of("Transpose", "Identity", "Cast", "DequantizeLinear");
    private static final Set<String> BIASED = Set.of("Add", "BiasGelu", "FastGelu");
    private static final Set<String> LOOK_UPS = Set.of("Gather", "GatherBlockQuantized");

    private final Map<String, String> stored = new HashMap<>();
    private final Map<String, NodeProto> makers = new HashMap<>();
    private final Map<String, List<NodeProto>> users = new HashMap<>();
    private final Set<String> lookedUp = new HashSet<>();
    private final Map<String, NodeProto> products = new LinkedHashMap<>();

    ProductSites(ModelProto model) {
        GraphProto graph = model.getGraph();
        graph.getInitializerList().forEach(weight -> stored.put(weight.getName(), weight.getName()));
        for (NodeProto node : graph.getNodeList()) {
            node.getOutputList().forEach(output -> makers.put(output, node));
            node.getInputList()
                    .forEach(input -> users.computeIfAbsent(input, key -> new ArrayList<>())
                            .add(node));
            follow(node);
        }
    }

    /** All products, in the order of the nodes. */
    List<ProductSite> all() {
        return products.values().stream().map(this::site).toList();
    }

    /**
     * The product that an output is made of: the way back from it leads over what is done to single values (a bias, a
     * cap, a choice of rows), not over sums of two branches.
     */
    Optional<ProductSite> behind(String output) {
        String value = output;
        for (int steps = 0; steps < makers.size() && makers.containsKey(value); steps++) {
            NodeProto node = makers.get(value);
            if (products.containsKey(value)) {
                return Optional.of(site(node));
            }
            List<String> computed = node.getInputList().stream()
                    .filter(input -> !input.isEmpty() && !stored.containsKey(input))
                    .toList();
            boolean sumOfBranches = Set.of("Add", "Mul", "MatMul").contains(node.getOpType()) && computed.size() > 1;
            if (computed.isEmpty() || sumOfBranches) {
                return Optional.empty();
            }
            value = computed.get(0);
        }
        return Optional.empty();
    }

    private void follow(NodeProto node) {
        String op = node.getOpType();
        if (op.equals("Constant")) {
            stored.put(node.getOutput(0), node.getOutput(0));
        } else if (STILL_THE_WEIGHT.contains(op) && stored.containsKey(node.getInput(0))) {
            stored.put(node.getOutput(0), stored.get(node.getInput(0)));
        } else if (PRODUCTS.contains(op) && node.getInputCount() > 1 && stored.containsKey(node.getInput(1))) {
            products.put(node.getOutput(0), node);
        } else if (LOOK_UPS.contains(op) && stored.containsKey(node.getInput(0))) {
            lookedUp.add(stored.get(node.getInput(0)));
        }
    }

    private ProductSite site(NodeProto node) {
        String weight = stored.getOrDefault(node.getInput(1), node.getInput(1));
        return new ProductSite(node, weight, findBias(node), lookedUp.contains(weight));
    }

    /** Exporters store equal biases once (all zeros of a new model, say): a bias of several products names none. */
    private Optional<String> findBias(NodeProto product) {
        Optional<String> bias =
                product.getInputCount() > 2 && !product.getOpType().equals("MatMulNBits")
                        ? findStored(product.getInput(2))
                        : users.getOrDefault(product.getOutput(0), List.of()).stream()
                                .filter(user -> BIASED.contains(user.getOpType()))
                                .flatMap(user -> user.getInputList().stream())
                                .flatMap(input -> findStored(input).stream())
                                .findFirst();
        return bias.filter(name -> users.getOrDefault(name, List.of()).size() == 1);
    }

    private Optional<String> findStored(String value) {
        return Optional.ofNullable(stored.get(value));
    }
}
