package dev.coppice.adapters.inference;

import dev.coppice.adapters.onnx.ElementType;

/**
 * A product of an activation with a weight, beside which an adapter can stand.
 *
 * @param node index of the operator in its graph
 * @param module path of the module that the weight belongs to, such as {@code model.layers.0.self_attn.q_proj}
 * @param weight name of the initializer
 * @param transposed whether the initializer is [out, in] instead of [in, out]
 * @param quantized whether the initializer holds codes, not values
 * @param element type of the activation and the result
 */
record ProductSite(
        int node,
        String module,
        String weight,
        boolean transposed,
        boolean quantized,
        long in,
        long out,
        ElementType element) {}
