package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;

/** The values of Constant nodes. */
final class Literals {
    private Literals() {}

    static Tensor tensor(AttributeProto attribute) {
        long[] integers =
                attribute.getIntsList().stream().mapToLong(Long::longValue).toArray();
        return switch (attribute.getName()) {
            case "value" -> ModelReader.tensor(attribute.getT());
            case "value_int" -> Tensor.ofLongs(new long[] {attribute.getI()});
            case "value_float" -> Tensor.scalar(ElementType.FLOAT, attribute.getF());
            case "value_ints" -> Tensor.ofLongs(integers, integers.length);
            case "value_floats" -> floats(attribute);
            default -> throw new GraphRefusedException("a constant of kind " + attribute.getName());
        };
    }

    private static Tensor floats(AttributeProto attribute) {
        float[] values = new float[attribute.getFloatsCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = attribute.getFloats(i);
        }
        return Tensor.ofFloats(values, values.length);
    }
}
