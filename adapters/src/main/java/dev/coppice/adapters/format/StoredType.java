package dev.coppice.adapters.format;

import java.nio.ByteBuffer;
import java.util.Optional;

/** How a file stores numbers; little-endian. */
enum StoredType {
    F32(4) {
        @Override
        float next(ByteBuffer bytes) {
            return bytes.getFloat();
        }
    },
    F16(2) {
        @Override
        float next(ByteBuffer bytes) {
            return half(bytes.getShort());
        }
    },
    BF16(2) {
        @Override
        float next(ByteBuffer bytes) {
            return Float.intBitsToFloat(bytes.getShort() << 16);
        }
    };

    private static final int FRACTION_BITS = 10;
    private static final int FRACTION = (1 << FRACTION_BITS) - 1;
    private static final int EXPONENT_MAX = 31;
    private static final int EXPONENT_BIAS = 15;

    private final int bytes;

    StoredType(int bytes) {
        this.bytes = bytes;
    }

    static Optional<StoredType> find(String name) {
        for (StoredType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** Bytes of one number. */
    int bytes() {
        return bytes;
    }

    /** The number at the buffer's position, which moves on. */
    abstract float next(ByteBuffer bytes);

    /** A binary16 number (IEEE 754-2019, section 3.6); Java 17 has no method for it. */
    private static float half(short bits) {
        int exponent = (bits >> FRACTION_BITS) & EXPONENT_MAX;
        int fraction = bits & FRACTION;
        float size = exponent == EXPONENT_MAX
                ? (fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN)
                : exponent == 0
                        ? Math.scalb((float) fraction, 1 - EXPONENT_BIAS - FRACTION_BITS)
                        : Math.scalb((float) (fraction | 1 << FRACTION_BITS), exponent - EXPONENT_BIAS - FRACTION_BITS);
        return bits < 0 ? -size : size;
    }
}
