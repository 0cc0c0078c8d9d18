package dev.coppice.adapters.onnx;

import java.util.Arrays;
import java.util.List;

/** Forms of matrix products that graphs do not know. */
final class ProductLowerings {
    private ProductLowerings() {}

    /** A vector stands for a matrix of one row or column, which the product then lacks. */
    static List<Value> matMul(Site s) {
        Value a = s.in(0);
        Value b = s.in(1);
        Ops ops = s.ops();
        if (a.rank() >= 2 && b.rank() == 2) {
            return List.of(s.product(a, 1));
        }
        Value product = ops.matMul(a.rank() == 1 ? ops.unsqueeze(a, 0) : a, b.rank() == 1 ? ops.unsqueeze(b, 1) : b);
        long[] shape = product.shape();
        shape = b.rank() == 1 ? Shapes.part(shape, 0, shape.length - 1) : shape;
        shape = a.rank() == 1 ? Shapes.with(shape, shape.length - (b.rank() == 1 ? 1 : 2), -1) : shape;
        long[] kept = Arrays.stream(shape).filter(size -> size >= 0).toArray();
        return List.of(ops.reshape(product, kept));
    }

    /** alpha A' B', where either may be transposed. */
    static List<Value> fusedMatMul(Site s) {
        Ops ops = s.ops();
        s.require(
                s.attributes().integerOr("transBatchA", 0) == 0
                        && s.attributes().integerOr("transBatchB", 0) == 0,
                "transposed batches are not supported");
        Value a = s.attributes().integerOr("transA", 0) != 0 ? ops.swap(s.in(0)) : s.in(0);
        boolean transB = s.attributes().integerOr("transB", 0) != 0;
        Value product = transB ? s.productWithTransposed(a, 1) : s.product(a, 1);
        return List.of(ops.scale(product, s.attributes().realOr("alpha", 1)));
    }
}
