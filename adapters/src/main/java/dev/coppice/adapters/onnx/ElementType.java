package dev.coppice.adapters.onnx;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;

/** Element types of tensors that graphs here may hold. */
public enum ElementType {
    FLOAT(DataType.FLOAT_VALUE, 4),
    DOUBLE(DataType.DOUBLE_VALUE, 8),
    INT32(DataType.INT32_VALUE, 4),
    INT64(DataType.INT64_VALUE, 8),
    BOOL(DataType.BOOL_VALUE, 1);

    private final int code;
    private final int bytes;

    ElementType(int code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** The number ONNX gives this type ({@code TensorProto.DataType}). */
    public int code() {
        return code;
    }

    /** Bytes of one element in raw data. */
    public int bytes() {
        return bytes;
    }

    /** Whether gradients exist for values of this type. */
    public boolean isReal() {
        return this == FLOAT || this == DOUBLE;
    }

    /**
     * The type with ONNX's number for it.
     *
     * @throws GraphRefusedException if graphs here cannot hold this type
     */
    public static ElementType ofCode(int code) {
        for (ElementType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        throw new GraphRefusedException("element type " + DataType.forNumber(code) + " is not supported");
    }
}
