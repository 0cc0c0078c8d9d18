package dev.coppice.adapters.onnx;

/** Element types of tensors that graphs here may hold. */
public enum ElementType {
    FLOAT(1, 32),
    DOUBLE(11, 64),
    FLOAT16(10, 16),
    BFLOAT16(16, 16),
    INT32(6, 32),
    INT64(7, 64),
    INT8(3, 8),
    UINT8(2, 8),
    INT4(22, 4),
    UINT4(21, 4),
    BOOL(9, 8);

    private final int code;
    private final int bits;

    ElementType(int code, int bits) {
        this.code = code;
        this.bits = bits;
    }

    /** The number ONNX gives this type ({@code TensorProto.DataType}). */
    public int code() {
        return code;
    }

    /** Bytes of so many elements in raw data; types of 4 bits have two in a byte, the first in its lower half. */
    public long bytes(long count) {
        return Math.addExact(Math.multiplyExact(count, (long) bits), 7) / 8;
    }

    /** Whether values of this type are fractions; graphs compute with FLOAT or DOUBLE, the others are stored. */
    public boolean isReal() {
        return this == FLOAT || this == DOUBLE || this == FLOAT16 || this == BFLOAT16;
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
        throw new GraphRefusedException("element type " + code + " of ONNX's list is not supported");
    }
}
