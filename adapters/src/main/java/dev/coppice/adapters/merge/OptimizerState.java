package dev.coppice.adapters.merge;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What a server optimizer remembers between merges: steps taken and up to two moments. Immutable. */
public final class OptimizerState {
    private static final int HEADER_BYTES = 3 * Integer.BYTES;
    private static final OptimizerState NONE = new OptimizerState(0, new float[0], new float[0]);

    private final int steps;
    private final float[] first;
    private final float[] second;

    private OptimizerState(int steps, float[] first, float[] second) {
        this.steps = steps;
        this.first = first;
        this.second = second;
    }

    /** The state before the first merge. */
    public static OptimizerState none() {
        return NONE;
    }

    /** Merges so far. */
    public int steps() {
        return steps;
    }

    /**
     * The state in these bytes; none if there are no bytes.
     *
     * @throws IllegalArgumentException if {@link #toBytes} did not make them
     */
    public static OptimizerState of(byte[] bytes) {
        if (bytes.length == 0) {
            return NONE;
        }
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < HEADER_BYTES) {
            throw new IllegalArgumentException("Not a server optimizer's state");
        }
        int steps = in.getInt();
        int firstCount = in.getInt();
        int secondCount = in.getInt();
        long values = (long) firstCount + secondCount;
        if (steps < 1 || firstCount < 0 || secondCount < 0 || values * Float.BYTES != in.remaining()) {
            throw new IllegalArgumentException("Not a server optimizer's state");
        }
        return new OptimizerState(steps, floats(in, firstCount), floats(in, secondCount));
    }

    /** Little-endian: steps, the two moments' lengths (int32), the moments (float32). */
    public byte[] toBytes() {
        if (steps == 0) {
            return new byte[0];
        }
        ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + (first.length + second.length) * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        out.putInt(steps).putInt(first.length).putInt(second.length);
        for (float value : first) {
            out.putFloat(value);
        }
        for (float value : second) {
            out.putFloat(value);
        }
        return out.array();
    }

    boolean fits(int length) {
        return (first.length == 0 || first.length == length) && (second.length == 0 || second.length == length);
    }

    float[] first(int length) {
        return first.length == 0 ? new float[length] : first.clone();
    }

    float[] second(int length) {
        return second.length == 0 ? new float[length] : second.clone();
    }

    OptimizerState next(float[] nextFirst, float[] nextSecond) {
        return new OptimizerState(steps + 1, nextFirst, nextSecond);
    }

    private static float[] floats(ByteBuffer in, int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = in.getFloat();
        }
        return values;
    }
}
