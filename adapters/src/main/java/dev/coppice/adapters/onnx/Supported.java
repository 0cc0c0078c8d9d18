package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/** Which operators a model may use, judged before any work is done. */
final class Supported {
    private static final Set<String> CONTROL = Set.of("Loop", "Scan", "SequenceMap", "SplitToSequence", "SequenceAt");
    private static final Set<String> DATA_DEPENDENT = Set.of("NonZero", "Unique", "Compress", "NonMaxSuppression");
    private static final Set<String> QUANTIZED_DATA = Set.of(
            "QuantizeLinear",
            "DynamicQuantizeLinear",
            "MatMulInteger",
            "ConvInteger",
            "QLinearMatMul",
            "DynamicQuantizeMatMul",
            "MatMulIntegerToFloat",
            "QAttention",
            "QGemm");

    private Supported() {}

    /** @throws GraphRefusedException naming the first node that nothing is known about, and what would help */
    static void require(ModelProto model) {
        Opsets opsets = Opsets.of(model);
        Functions functions = new Functions(model);
        for (NodeProto node : model.getGraph().getNodeList()) {
            findRefusal(node, opsets, functions).ifPresent(refusal -> {
                throw refusal;
            });
        }
    }

    /** All operators of a model that are lowered, as {@code domain.name} or, for standard ones, by name. */
    static Set<String> lowered(ModelProto model) {
        Set<String> lowered = new LinkedHashSet<>();
        model.getGraph().getNodeList().stream()
                .filter(node -> Lowerings.isFused(Opsets.domain(node.getDomain()), node.getOpType()))
                .forEach(node -> lowered.add(operator(node)));
        return lowered;
    }

    private static Optional<GraphRefusedException> findRefusal(NodeProto node, Opsets opsets, Functions functions) {
        String domain = Opsets.domain(node.getDomain());
        boolean known = Set.of("Constant", "If").contains(node.getOpType())
                || functions.find(node).isPresent()
                || Lowerings.find(domain, node.getOpType()).isPresent()
                || (domain.isEmpty() && ShapeRules.know(node.getOpType()));
        return known
                ? Optional.empty()
                : Optional.of(new GraphRefusedException(
                        describe(node, opsets) + " is not supported; " + remedy(domain, node.getOpType())));
    }

    /** Name, operator and its version, as refusals have them. */
    static String describe(NodeProto node, Opsets opsets) {
        String name = node.getName().isEmpty() && node.getOutputCount() > 0 ? node.getOutput(0) : node.getName();
        return "node " + name + " (" + operator(node) + ", version " + opsets.version(Opsets.domain(node.getDomain()))
                + ")";
    }

    private static String operator(NodeProto node) {
        String domain = Opsets.domain(node.getDomain());
        return domain.isEmpty() ? node.getOpType() : domain + "." + node.getOpType();
    }

    private static String remedy(String domain, String op) {
        if (QUANTIZED_DATA.contains(op)) {
            return "it rounds activations, through which nothing can be trained; quantise weights only (from the float"
                    + " model: ./coppice model quantize)";
        }
        if (domain.equals(Node.MICROSOFT)) {
            return "export the model without ONNX Runtime's fused operators (for example without --optimize)";
        }
        if (!domain.isEmpty()) {
            return "only operators of ONNX and ONNX Runtime have a meaning here: export without custom ones";
        }
        if (CONTROL.contains(op)) {
            return "export the model without control flow";
        }
        return DATA_DEPENDENT.contains(op)
                ? "shapes must not depend on data: export with a fixed attention mask (for example attn_implementation"
                        + " \"eager\")"
                : "export with opset 17 or newer, from PyTorch's own exporters";
    }
}
