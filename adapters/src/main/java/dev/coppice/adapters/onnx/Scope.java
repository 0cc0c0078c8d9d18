package dev.coppice.adapters.onnx;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The values of a model's graph, of a branch of it or of a function, by the names they have there. */
final class Scope {
    private final @Nullable Scope outer;
    private final Opsets opsets;
    private final Map<String, Value> values = new HashMap<>();
    private final Map<String, Weight> weights = new HashMap<>();

    /** A matrix that the model file holds, as it is or transposed. */
    record Weight(String initializer, boolean transposed) {
        Weight flipped(boolean flip) {
            return new Weight(initializer, transposed ^ flip);
        }
    }

    private Scope(@Nullable Scope outer, Opsets opsets) {
        this.outer = outer;
        this.opsets = opsets;
        values.put("", Value.ABSENT);
    }

    /** Sees only what it is given. */
    static Scope of(Opsets opsets) {
        return new Scope(null, opsets);
    }

    /** Sees what this one sees, too. */
    Scope inner() {
        return new Scope(this, opsets);
    }

    boolean isOutermost() {
        return outer == null;
    }

    Opsets opsets() {
        return opsets;
    }

    void put(String name, Value value) {
        values.put(name, value);
    }

    /** Says that a value is a weight. */
    void mark(String name, Optional<Weight> weight) {
        weight.ifPresent(known -> weights.put(name, known));
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    Value value(String name) {
        Value value = values.get(name);
        if (value != null) {
            return value;
        }
        if (outer == null) {
            throw new GraphRefusedException("value " + name + " is used before it is made");
        }
        return outer.value(name);
    }

    Optional<Weight> weight(String name) {
        Weight weight = weights.get(name);
        return weight != null || outer == null ? Optional.ofNullable(weight) : outer.weight(name);
    }

    Map<String, Value> values() {
        return Map.copyOf(values);
    }
}
