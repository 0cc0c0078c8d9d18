package dev.coppice.adapters.inference;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelEditor;
import dev.coppice.adapters.onnx.Tensor;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Reduces logits to those of the last position. The positions before it are dropped in front of the product with the
 * output layer, so that a long prompt costs one row of logits; where that product is not found, behind it.
 */
final class LastPosition {
    private static final Set<String> UNCHANGING = Set.of("Identity", "Cast", "Transpose", "DequantizeLinear");

    private LastPosition() {}

    /** Returns the name of the reduced logits, [batch, vocabulary], float32. What {@code logits} is, is then undefined. */
    static String of(ModelEditor model, String logits) {
        Attributes second = Attributes.none().integer("axis", 1);
        String last = model.constant(Tensor.scalar(ElementType.INT64, -1));
        OptionalInt product = findProduct(model, logits);
        String reduced = logits;
        if (product.isPresent()) {
            int at = product.getAsInt();
            NodeProto node = model.nodes().get(at);
            String x = model.insert(at, "Gather", second, node.getInput(0), last);
            model.replaceNode(at + 1, node.toBuilder().setInput(0, x).build());
        } else {
            reduced = model.append("Gather", second, logits, last);
        }
        return model.append("Cast", Attributes.none().integer("to", ElementType.FLOAT.code()), reduced);
    }

    /** The product of activations [batch, length, width] with a matrix of weights that makes the logits. */
    private static OptionalInt findProduct(ModelEditor model, String logits) {
        OptionalInt maker = model.findMaker(logits);
        while (maker.isPresent()) {
            NodeProto node = model.nodes().get(maker.getAsInt());
            if (node.getOpType().equals("MatMul")) {
                return isWeight(model, node.getInput(1)) ? maker : OptionalInt.empty();
            }
            if (!node.getOpType().equals("Identity") && !node.getOpType().equals("Cast")) {
                return OptionalInt.empty();
            }
            maker = model.findMaker(node.getInput(0));
        }
        return OptionalInt.empty();
    }

    private static boolean isWeight(ModelEditor model, String value) {
        OptionalInt maker = model.findMaker(value);
        if (maker.isEmpty()) {
            return model.isWeight(value);
        }
        NodeProto node = model.nodes().get(maker.getAsInt());
        return UNCHANGING.contains(node.getOpType()) && isWeight(model, node.getInput(0));
    }
}
