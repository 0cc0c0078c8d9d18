package dev.coppice.adapters.autodiff;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.List;

/**
 * One call on the way back from the loss.
 *
 * @param gradients of the loss with respect to each of the call's outputs; {@link Value#ABSENT} where it is zero
 */
record Step(Ops ops, Call call, List<Value> gradients) {
    Value x() {
        return call.input(0);
    }

    Value in(int input) {
        return call.input(input);
    }

    Value y() {
        return call.output();
    }

    /** Gradient with respect to the call's first output. */
    Value d() {
        return gradients.get(0);
    }

    Attributes attributes() {
        return call.attributes();
    }

    /** The gradient summed over whatever the operand was broadcast along. */
    Value toInput(int input, Value gradient) {
        return ops.sumTo(gradient, call.input(input).shape());
    }
}
