package dev.coppice.adapters.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * A constant: element type, shape and little-endian values in row-major order. Immutable. The values of a large weight
 * may lie in a mapped file, which has to stay as it is; they are read only when they are asked for.
 */
public final class Tensor {
    private static final int HASHED = 1 << 10;
    /** Values that are converted at a time. */
    private static final int PART = 1 << 20;

    private final ElementType type;
    private final long[] shape;
    private final ByteBuffer stored;
    /** What the stored values are, where that is not {@link #type}: each reader converts them anew. */
    private final ElementType storedType;

    private final @Nullable Place place;

    private Tensor(ElementType type, long[] shape, ByteBuffer stored, ElementType storedType, @Nullable Place place) {
        this.type = type;
        this.shape = shape.clone();
        this.stored = stored.order(ByteOrder.LITTLE_ENDIAN);
        this.storedType = storedType;
        this.place = place;
        if (stored.remaining() != storedType.bytes(Shapes.count(shape))) {
            throw new GraphRefusedException("a tensor of " + storedType + Arrays.toString(shape) + " cannot have "
                    + stored.remaining() + " bytes");
        }
    }

    /** Values as they are in memory or a mapped file; nothing is copied, so that nobody may change them afterwards. */
    public static Tensor ofData(ElementType type, ByteBuffer littleEndian, long... shape) {
        return new Tensor(type, shape, littleEndian.slice(), type, null);
    }

    public static Tensor ofFloats(float[] values, long... shape) {
        ByteBuffer bytes = buffer(values.length * 4L);
        bytes.asFloatBuffer().put(values);
        return ofData(ElementType.FLOAT, bytes, shape);
    }

    public static Tensor ofDoubles(double[] values, long... shape) {
        ByteBuffer bytes = buffer(values.length * 8L);
        bytes.asDoubleBuffer().put(values);
        return ofData(ElementType.DOUBLE, bytes, shape);
    }

    /**
     * Fractions rounded to the nearest that the type holds: FLOAT, DOUBLE or FLOAT16.
     *
     * @throws GraphRefusedException if a value is too large for the type
     */
    public static Tensor ofReals(ElementType type, double[] values, long... shape) {
        ByteBuffer bytes = buffer(type.bytes(values.length));
        for (double value : values) {
            Reals.write(bytes, type, value);
        }
        return ofData(type, bytes.flip(), shape);
    }

    public static Tensor ofLongs(long[] values, long... shape) {
        return ofLongs(ElementType.INT64, values, shape);
    }

    /** Whole numbers or truth values (0 and 1) as a tensor of one of the types that hold such; high bits are cut off. */
    public static Tensor ofLongs(ElementType type, long[] values, long... shape) {
        return ofData(type, WholeNumbers.write(type, values), shape);
    }

    /** No values at all: some axis has length 0. */
    static Tensor empty(TensorType type) {
        return ofData(type.element(), ByteBuffer.allocate(0), type.shape());
    }

    /** One number as a tensor without axes. */
    public static Tensor scalar(ElementType type, double value) {
        if (type == ElementType.FLOAT) {
            return ofFloats(new float[] {(float) value});
        }
        return type == ElementType.DOUBLE ? ofDoubles(new double[] {value}) : ofLongs(type, new long[] {(long) value});
    }

    /** The same stored bytes seen as another type and shape. */
    Tensor viewed(ElementType other, long... otherShape) {
        return new Tensor(other, otherShape, values(), other, storedType == type ? place : null);
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

    /** All values, read-only and little-endian. A view, unless they are stored as another type: then they are converted. */
    public ByteBuffer data() {
        return values().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** All of {@link #data} in order, in parts that take little memory where values have to be converted. */
    public Iterable<ByteBuffer> parts() {
        if (storedType == type) {
            return List.of(data());
        }
        ByteBuffer all = stored();
        int width = (int) storedType.bytes(1); // only whole bytes are ever converted
        int length = PART * width;
        return () -> IntStream.range(0, (all.limit() + length - 1) / length)
                .map(part -> part * length)
                .mapToObj(from -> all.slice(from, Math.min(length, all.limit() - from)))
                .map(part -> Reals.convert(part.order(ByteOrder.LITTLE_ENDIAN), storedType, type))
                .iterator();
    }

    /** The bytes as they are stored, to tell equal ones; empty if they are not those of {@link #data}. */
    public Optional<Tensor> findStored() {
        return storedType == type ? Optional.of(viewed(ElementType.UINT8, byteCount())) : Optional.empty();
    }

    /** Length of {@link #data}. */
    public long byteCount() {
        return type.bytes(Shapes.count(shape));
    }

    /** Where exactly these values lie beside the model they were read from; empty if they lie inside. */
    public Optional<Place> place() {
        return Optional.ofNullable(place);
    }

    Tensor at(Place known) {
        return new Tensor(type, shape, stored, storedType, known);
    }

    /** All values in memory. */
    ByteString bytes() {
        return UnsafeByteOperations.unsafeWrap(values()); // copies what is mapped
    }

    private ByteBuffer values() {
        return storedType == type ? stored.duplicate() : Reals.convert(stored(), storedType, type);
    }

    /** The same values as another type of fractions, converted whenever they are read; whole numbers stay as they are. */
    public Tensor as(ElementType real) {
        return type.isReal() && type != real ? new Tensor(real, shape, stored, storedType, null) : this;
    }

    /** The same values as float64 if they are fractions; anything else unchanged. */
    public Tensor toDouble() {
        return as(ElementType.DOUBLE);
    }

    /** A copy of the values of a tensor of fractions that float32 can hold. */
    public float[] toFloats() {
        require(type.isReal() && type != ElementType.DOUBLE);
        float[] values = new float[count()];
        as(ElementType.FLOAT).data().asFloatBuffer().get(values);
        return values;
    }

    /** One of the values of a tensor of fractions, in row-major order, rounded to float32; nothing is copied. */
    public float floatAt(int i) {
        return (float) Reals.read(stored, storedType, i);
    }

    /** A copy of the values of a tensor of whole numbers or truth values (as 0 and 1). */
    public long[] toLongs() {
        require(!type.isReal());
        return WholeNumbers.read(type, data(), count());
    }

    /** A copy of the values of a tensor of fractions. */
    public double[] toDoubles() {
        require(type.isReal());
        double[] values = new double[count()];
        toDouble().data().asDoubleBuffer().get(values);
        return values;
    }

    /** Whether type, shape and every bit of the values are the same. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Tensor that
                && type == that.type
                && Arrays.equals(shape, that.shape)
                && data().equals(that.data());
    }

    /** Of a large tensor the beginning says enough; reading all of it would bring it into memory. */
    @Override
    public int hashCode() {
        ByteBuffer beginning = stored();
        beginning.limit((int) storedType.bytes(Math.min(HASHED, count())));
        return 31 * Arrays.hashCode(shape)
                + (storedType == type ? beginning : Reals.convert(beginning, storedType, type)).hashCode();
    }

    private ByteBuffer stored() {
        return stored.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
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
