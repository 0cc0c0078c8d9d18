package dev.coppice.adapters.onnx;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A value of one {@link Graph}: an input, a weight, a constant, or what a call computes. Compared by identity. */
public final class Value {
    /** An optional input that is left out. */
    public static final Value ABSENT = new Value("", TensorType.of(ElementType.BOOL, 0), null);

    private final String name;
    private final TensorType type;
    private final @Nullable Tensor constant;

    Value(String name, TensorType type, @Nullable Tensor constant) {
        this.name = name;
        this.type = type;
        this.constant = constant;
    }

    public String name() {
        return name;
    }

    public TensorType type() {
        return type;
    }

    public ElementType element() {
        return type.element();
    }

    public long[] shape() {
        return type.shape();
    }

    public int rank() {
        return shape().length;
    }

    /** Size of an axis; -1 is the last. */
    public long size(int axis) {
        return shape()[Shapes.axis(axis, rank())];
    }

    public long count() {
        return Shapes.count(shape());
    }

    /** What the value is known to be before the graph runs. Weights are not constants: they may be trained. */
    public Optional<Tensor> constant() {
        return Optional.ofNullable(constant);
    }

    /** The numbers of a constant list such as a shape. */
    long[] longs() {
        return constant()
                .orElseThrow(
                        () -> new GraphRefusedException("value " + name + " has to be known before the graph runs"))
                .toLongs();
    }

    boolean isAbsent() {
        return this == ABSENT;
    }

    @Override
    public String toString() {
        return name + " " + type;
    }
}
