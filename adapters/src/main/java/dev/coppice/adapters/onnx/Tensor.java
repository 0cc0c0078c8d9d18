package dev.coppice.adapters.onnx;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A constant: element type, shape and little-endian values in row-major order. Immutable. */
public final class Tensor {
    private final ElementType type;
    private final long[] shape;
    private final ByteString data;
    private final @Nullable Place place;

    private Tensor(ElementType type, long[] shape, ByteString data) {
        this(type, shape, data, null);
    }

    private Tensor(ElementType type, long[] shape, ByteString data, @Nullable Place place) {
        this.type = type;
        this.shape = shape.clone();
        this.data = data;
        this.place = place;
        if (data.size() != Shapes.count(shape) * type.bytes()) {
            throw new GraphRefusedException(
                    "a tensor of shape " + Arrays.toString(shape) + " cannot have " + data.size() + " bytes");
        }
    }

    static Tensor ofBytes(ElementType type, long[] shape, ByteString data) {
        return new Tensor(type, shape, data);
    }

    public static Tensor ofFloats(float[] values, long... shape) {
        ByteBuffer bytes = buffer(values.length * 4L);
        bytes.asFloatBuffer().put(values);
        return new Tensor(ElementType.FLOAT, shape, ByteString.copyFrom(bytes));
    }

    public static Tensor ofDoubles(double[] values, long... shape) {
        ByteBuffer bytes = buffer(values.length * 8L);
        bytes.asDoubleBuffer().put(values);
        return new Tensor(ElementType.DOUBLE, shape, ByteString.copyFrom(bytes));
    }

    public static Tensor ofLongs(long[] values, long... shape) {
        ByteBuffer bytes = buffer(values.length * 8L);
        bytes.asLongBuffer().put(values);
        return new Tensor(ElementType.INT64, shape, ByteString.copyFrom(bytes));
    }

    /** Whole numbers or truth values (0 and 1) as a tensor of one of the types that hold such. */
    public static Tensor ofLongs(ElementType type, long[] values, long... shape) {
        ByteBuffer bytes = buffer((long) values.length * type.bytes());
        for (long value : values) {
            if (type == ElementType.INT64) {
                bytes.putLong(value);
            } else if (type == ElementType.INT32) {
                bytes.putInt((int) value);
            } else if (type == ElementType.BOOL) {
                bytes.put((byte) (value == 0 ? 0 : 1));
            } else {
                throw new IllegalArgumentException(type + " holds no whole numbers");
            }
        }
        return new Tensor(type, shape, ByteString.copyFrom(bytes.flip()));
    }

    /** One number as a tensor without axes. */
    public static Tensor scalar(ElementType type, double value) {
        if (type == ElementType.FLOAT) {
            return ofFloats(new float[] {(float) value});
        }
        return type == ElementType.DOUBLE ? ofDoubles(new double[] {value}) : ofLongs(type, new long[] {(long) value});
    }

    public ElementType type() {
        return type;
    }

    public long[] shape() {
        return shape.clone();
    }

    public int count() {
        return Math.toIntExact(Shapes.count(shape));
    }

    ByteString bytes() {
        return data;
    }

    /** All values, read-only and little-endian. */
    public ByteBuffer data() {
        return littleEndian();
    }

    /** Length of {@link #data}. */
    public long byteCount() {
        return data.size();
    }

    /** Where exactly these values lie beside the model they were read from; empty if they lie inside. */
    public Optional<Place> place() {
        return Optional.ofNullable(place);
    }

    Tensor at(Place known) {
        return new Tensor(type, shape, data, known);
    }

    /** The same values as float64 if they are float32; anything else unchanged. */
    public Tensor toDouble() {
        if (type != ElementType.FLOAT) {
            return this;
        }
        float[] floats = toFloats();
        double[] doubles = new double[floats.length];
        for (int i = 0; i < floats.length; i++) {
            doubles[i] = floats[i];
        }
        return ofDoubles(doubles, shape);
    }

    /** A copy of the values of a float32 tensor. */
    public float[] toFloats() {
        require(type == ElementType.FLOAT);
        float[] values = new float[count()];
        littleEndian().asFloatBuffer().get(values);
        return values;
    }

    /** A copy of the values of a tensor of whole numbers or truth values (as 0 and 1). */
    public long[] toLongs() {
        require(!type.isReal());
        ByteBuffer bytes = littleEndian();
        long[] values = new long[count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = type == ElementType.INT64
                    ? bytes.getLong()
                    : type == ElementType.INT32 ? bytes.getInt() : bytes.get() == 0 ? 0 : 1;
        }
        return values;
    }

    /** A copy of the values of a float32 or float64 tensor. */
    public double[] toDoubles() {
        double[] values = new double[count()];
        toDouble().littleEndian().asDoubleBuffer().get(values);
        return values;
    }

    private ByteBuffer littleEndian() {
        return data.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    private void require(boolean fits) {
        if (!fits) {
            throw new GraphRefusedException("a tensor of type " + type + " does not fit here");
        }
    }

    private static ByteBuffer buffer(long bytes) {
        return ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN);
    }
}
