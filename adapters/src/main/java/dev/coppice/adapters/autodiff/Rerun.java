package dev.coppice.adapters.autodiff;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A part of the forward pass, computed again for the backward pass (Chen et al. 2016, "Training deep nets with
 * sublinear memory cost"). An engine would notice that calls repeat others and keep the first results after all, and it
 * might run the repetition as early as the first run. Both are prevented by what the part starts from: the kept value
 * plus zero times an element of the gradient that arrives. That equals the kept value to the bit, cannot be known
 * before the gradient is, and is no constant that could be folded.
 */
final class Rerun {
    private final Ops ops;
    private final Map<Value, Value> again = new HashMap<>();

    /** Nothing is computed again. */
    Rerun(Ops ops) {
        this.ops = ops;
    }

    /**
     * Says what the part starts from.
     *
     * @param kept values that were kept
     * @param arriving gradient of the loss with respect to the part's end
     */
    void start(Set<Value> kept, Value arriving) {
        Value flat = ops.reshape(arriving, arriving.count());
        Value first =
                ops.graph().call("Slice", Attributes.none(), flat, ops.integers(0), ops.integers(1), ops.integers(0));
        Value zero = ops.mul(first, ops.number(arriving, 0));
        kept.forEach(value -> again.put(value, ops.add(value, zero)));
    }

    /** Computes a call again if anything it sees is computed again. */
    void run(Call call) {
        List<Value> inputs = call.inputs().stream().map(this::of).toList();
        if (!inputs.equals(call.inputs())) {
            List<Value> outputs = ops.graph().callAll(call.domain(), call.op(), call.attributes(), inputs);
            for (int i = 0; i < outputs.size(); i++) {
                again.put(call.outputs().get(i), outputs.get(i));
            }
        }
    }

    /** The call with what was computed again in place of what was computed first. */
    Call of(Call call) {
        return new Call(
                call.domain(),
                call.op(),
                call.attributes(),
                call.inputs().stream().map(this::of).toList(),
                call.outputs().stream().map(this::of).toList());
    }

    private Value of(Value value) {
        return again.getOrDefault(value, value);
    }
}
