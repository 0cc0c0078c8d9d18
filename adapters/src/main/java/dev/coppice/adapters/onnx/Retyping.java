package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;

/** Makes float32 and both kinds of half precision one type, and everything DOUBLE where a graph computes in float64. */
final class Retyping {
    private final ElementType real;

    Retyping(ElementType real) {
        this.real = real;
    }

    ElementType of(ElementType type) {
        return type.isReal() && type != ElementType.DOUBLE ? real : type;
    }

    Tensor of(Tensor tensor) {
        return tensor.as(of(tensor.type()));
    }

    /** The node's attributes, of which some name types or hold values. */
    Attributes of(NodeProto node) {
        Attributes attributes = Attributes.of(node.getAttributeList());
        if (node.getOpType().equals("Cast")) {
            ElementType to = ElementType.ofCode((int) attributes.integer("to"));
            return Attributes.none().integer("to", of(to).code());
        }
        if (node.getOpType().equals("ConstantOfShape")) {
            Tensor value = attributes
                    .find("value")
                    .map(AttributeProto::getT)
                    .map(ModelReader::tensor)
                    .orElseGet(() -> Tensor.ofFloats(new float[1], 1));
            return attributes.tensor("value", of(value));
        }
        return attributes;
    }
}
