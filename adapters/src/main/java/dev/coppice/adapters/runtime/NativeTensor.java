package dev.coppice.adapters.runtime;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Shapes;
import dev.coppice.adapters.onnx.TensorType;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.onnxruntime.OrtTensorTypeAndShapeInfo;
import org.bytedeco.onnxruntime.OrtValue;
import org.jspecify.annotations.Nullable;

/**
 * Numbers in native memory: what an {@link InferenceSession} takes and gives. What one run gave can be fed to the next
 * without a copy. Never changed once made, so that many threads may read it; whoever holds it closes it, not before the
 * last run with it has ended. Closing twice is harmless; use after closing throws {@link IllegalStateException}.
 */
public final class NativeTensor implements AutoCloseable {
    private final OrtValue value;
    /** The memory, where it is ours and not the session's. */
    private final @Nullable Pointer data;

    private final AtomicBoolean closed = new AtomicBoolean();

    private NativeTensor(OrtValue value, @Nullable Pointer data) {
        this.value = value;
        this.data = data;
    }

    /** A result of the native engine, which it handed over. */
    @MustBeClosed
    static NativeTensor result(Pointer value) {
        return new NativeTensor(new OrtValue(value), null);
    }

    /** Values in memory that stays the caller's, and may change between runs. */
    @MustBeClosed
    static NativeTensor in(Pointer memory, TensorType type) throws EngineException {
        return new NativeTensor(Ort.tensor(memory, type.bytes(), type.element().code(), type.shape()), null);
    }

    /** Float32 values, row-major; they are copied. */
    @MustBeClosed
    public static NativeTensor ofFloats(float[] values, long... shape) throws EngineException {
        requireCount(values.length, shape);
        return over(new FloatPointer(values), ElementType.FLOAT, (long) values.length * Float.BYTES, shape);
    }

    /** Int64 values, row-major; they are copied. */
    @MustBeClosed
    public static NativeTensor ofLongs(long[] values, long... shape) throws EngineException {
        requireCount(values.length, shape);
        return over(new LongPointer(values), ElementType.INT64, (long) values.length * Long.BYTES, shape);
    }

    /** Int32 values, row-major; they are copied. */
    @MustBeClosed
    public static NativeTensor ofInts(int[] values, long... shape) throws EngineException {
        requireCount(values.length, shape);
        return over(new IntPointer(values), ElementType.INT32, (long) values.length * Integer.BYTES, shape);
    }

    /** No values: some axis of the shape is 0. */
    @MustBeClosed
    public static NativeTensor empty(ElementType type, long... shape) throws EngineException {
        requireCount(0, shape);
        return over(new LongPointer(1), type, 0, shape);
    }

    /** Sizes of the axes. */
    public long[] shape() throws EngineException {
        OrtTensorTypeAndShapeInfo info =
                new OrtTensorTypeAndShapeInfo(Ort.made(out -> Ort.API.GetTensorTypeAndShape(value(), out)));
        try (SizeTPointer axes = new SizeTPointer(1)) {
            Ort.check(Ort.API.GetDimensionsCount(info, axes));
            long[] shape = new long[(int) axes.get()];
            Ort.check(Ort.API.GetDimensions(info, shape, shape.length));
            return shape;
        } finally {
            Ort.API.ReleaseTensorTypeAndShapeInfo(info);
        }
    }

    /** A copy of the values of a float32 tensor. */
    public float[] toFloats() throws EngineException {
        float[] copy = new float[count(ElementType.FLOAT)];
        new FloatPointer(Ort.data(value())).get(copy);
        return copy;
    }

    /** A copy of the values of an int64 tensor. */
    public long[] toLongs() throws EngineException {
        long[] copy = new long[count(ElementType.INT64)];
        new LongPointer(Ort.data(value())).get(copy);
        return copy;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            Ort.API.ReleaseValue(value);
            if (data != null) {
                data.close();
            }
        }
    }

    OrtValue value() {
        if (closed.get()) {
            throw new IllegalStateException("the tensor is closed");
        }
        return value;
    }

    @MustBeClosed
    private static NativeTensor over(Pointer data, ElementType type, long bytes, long... shape) throws EngineException {
        try {
            return new NativeTensor(Ort.tensor(data, bytes, type.code(), shape), data);
        } catch (EngineException e) {
            data.close();
            throw e;
        }
    }

    private int count(ElementType expected) throws EngineException {
        OrtTensorTypeAndShapeInfo info =
                new OrtTensorTypeAndShapeInfo(Ort.made(out -> Ort.API.GetTensorTypeAndShape(value(), out)));
        try (SizeTPointer count = new SizeTPointer(1);
                IntPointer type = new IntPointer(1)) {
            Ort.check(Ort.API.GetTensorElementType(info, type));
            Ort.check(Ort.API.GetTensorShapeElementCount(info, count));
            if (type.get() != expected.code()) {
                throw new IllegalStateException("the tensor does not hold " + expected);
            }
            return Math.toIntExact(count.get());
        } finally {
            Ort.API.ReleaseTensorTypeAndShapeInfo(info);
        }
    }

    private static void requireCount(int count, long[] shape) {
        if (count != Shapes.count(shape)) {
            throw new IllegalArgumentException(
                    "a tensor of shape " + Arrays.toString(shape) + " does not have " + count + " values");
        }
    }
}
