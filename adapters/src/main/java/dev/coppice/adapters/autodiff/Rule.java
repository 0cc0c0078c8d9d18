package dev.coppice.adapters.autodiff;

import dev.coppice.adapters.onnx.Value;

/** The vector-Jacobian product of one operator. */
@FunctionalInterface
interface Rule {
    /** Gradient of the loss with respect to one input, in that input's shape. */
    Value gradient(Step step, int input);
}
