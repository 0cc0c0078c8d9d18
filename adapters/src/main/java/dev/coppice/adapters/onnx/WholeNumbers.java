package dev.coppice.adapters.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Whole numbers and truth values as ONNX lays them out in raw data. */
final class WholeNumbers {
    private WholeNumbers() {}

    static ByteBuffer write(ElementType type, long[] values) {
        ByteBuffer bytes =
                ByteBuffer.allocate(Math.toIntExact(type.bytes(values.length))).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < values.length; i++) {
            long value = values[i];
            switch (type) {
                case INT64 -> bytes.putLong(value);
                case INT32 -> bytes.putInt((int) value);
                case INT8, UINT8 -> bytes.put((byte) value);
                case INT4, UINT4 -> bytes.put(i / 2, (byte) (bytes.get(i / 2) | ((value & 15) << (4 * (i % 2)))));
                case BOOL -> bytes.put((byte) (value == 0 ? 0 : 1));
                case FLOAT, DOUBLE, FLOAT16, BFLOAT16 ->
                    throw new GraphRefusedException(type + " holds no whole numbers");
            }
        }
        return bytes.rewind();
    }

    static long[] read(ElementType type, ByteBuffer bytes, int count) {
        long[] values = new long[count];
        for (int i = 0; i < count; i++) {
            values[i] = switch (type) {
                case INT64 -> bytes.getLong(i * 8);
                case INT32 -> bytes.getInt(i * 4);
                case INT8 -> bytes.get(i);
                case UINT8 -> bytes.get(i) & 255;
                case INT4 -> (nibble(bytes, i) ^ 8) - 8;
                case UINT4 -> nibble(bytes, i);
                case BOOL -> bytes.get(i) == 0 ? 0 : 1;
                case FLOAT, DOUBLE, FLOAT16, BFLOAT16 ->
                    throw new GraphRefusedException(type + " holds no whole numbers");
            };
        }
        return values;
    }

    private static int nibble(ByteBuffer bytes, int i) {
        return (bytes.get(i / 2) >> (4 * (i % 2))) & 15;
    }
}
