package dev.coppice.adapters.onnx;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Frozen weights as floats on the way back from the loss. Used there a second time, they would be kept since the way
 * forth, all layers at once. So they are made anew, from scales to which 0 times a late value is added: a value that is not
 * known when the session opens, so that ONNX Runtime cannot compute the weights then, and not the one of the way forth, so
 * that it cannot merge the two.
 */
public final class Dequantization {
    private static final Set<String> STILL_THE_WEIGHT = Set.of("Transpose", "Reshape", "Cast", "Identity");

    private Dequantization() {}

    /**
     * A value made anew if it is a dequantised weight, else the value itself.
     *
     * @param late a value of fractions before which it is not made
     */
    public static Value again(Ops ops, Value value, Value late) {
        Optional<Call> maker = ops.graph().findMaker(value);
        if (maker.isEmpty()) {
            return value;
        }
        Call call = maker.get();
        if (call.op().equals("DequantizeLinear")) {
            Value scale = call.input(1);
            Value zero = zero(ops, late);
            Value lateScale = ops.add(scale, scale.count() == 1 ? ops.reshape(zero, scale.shape()) : zero);
            return remade(ops, call, 1, lateScale);
        }
        if (STILL_THE_WEIGHT.contains(call.op())) {
            Value source = again(ops, call.input(0), late);
            return source == call.input(0) ? value : remade(ops, call, 0, source);
        }
        return value;
    }

    /** 0 as a list of one number, computed from a value's first element; not a number where that is none. */
    static Value zero(Ops ops, Value late) {
        Value flat = ops.reshape(late, late.count());
        Value first =
                ops.graph().call("Slice", Attributes.none(), flat, ops.integers(0), ops.integers(1), ops.integers(0));
        return ops.scale(first, 0);
    }

    private static Value remade(Ops ops, Call call, int input, Value replaced) {
        List<Value> inputs = new ArrayList<>(call.inputs());
        inputs.set(input, replaced);
        return ops.graph()
                .callAll(call.domain(), call.op(), call.attributes(), inputs)
                .get(0);
    }
}
