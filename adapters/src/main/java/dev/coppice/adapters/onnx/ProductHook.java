package dev.coppice.adapters.onnx;

/**
 * Looks at each product of a value with a stored matrix, those that fused operators are lowered to and those with
 * quantized weights included.
 */
@FunctionalInterface
public interface ProductHook {
    /** Leaves every product as it is. */
    ProductHook NONE = (graph, weight, transposed, x, y) -> y;

    /**
     * What is multiplied in the place of x, [..., in]; it may have fewer rows.
     *
     * @param weight as below
     */
    default Value ahead(String weight, Value x) {
        return x;
    }

    /**
     * What takes the place of the product.
     *
     * @param weight name of the initializer that the matrix comes from, whatever stands between it and the product
     * @param transposed whether the initializer is [out, in]; else it is [in, out]
     * @param x what is multiplied, [..., in]
     * @param y the product, [..., out]
     */
    Value after(Graph graph, String weight, boolean transposed, Value x, Value y);
}
