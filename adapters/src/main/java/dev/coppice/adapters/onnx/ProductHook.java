package dev.coppice.adapters.onnx;

/** Looks at each product of a value with a two-dimensional initializer. */
@FunctionalInterface
public interface ProductHook {
    /** Leaves every product as it is. */
    ProductHook NONE = (graph, weight, transposed, x, y) -> y;

    /**
     * What takes the place of the product.
     *
     * @param weight the initializer's name
     * @param transposed whether the initializer is [out, in]; else it is [in, out]
     * @param x what is multiplied, [..., in]
     * @param y the product, [..., out]
     */
    Value after(Graph graph, String weight, boolean transposed, Value x, Value y);
}
