package dev.coppice.adapters.onnx;

/** Shapes of matrix products. */
final class ProductShapes {
    private ProductShapes() {}

    /** As numpy's matmul, for operands of rank 2 and more. */
    static long[] matMul(Call call) {
        return product(call, false, false);
    }

    /** As above, the last two axes of either operand turned first if so wished. */
    static long[] fusedMatMul(Call call) {
        return product(
                call,
                call.attributes().integerOr("transA", 0) != 0,
                call.attributes().integerOr("transB", 0) != 0);
    }

    private static long[] product(Call call, boolean transA, boolean transB) {
        Value a = call.input(0);
        Value b = call.input(1);
        if (a.rank() < 2 || b.rank() < 2 || a.size(transA ? -2 : -1) != b.size(transB ? -1 : -2)) {
            throw new GraphRefusedException(call.op() + " cannot multiply " + a + " and " + b);
        }
        long[] outer =
                Shapes.broadcast(Shapes.part(a.shape(), 0, a.rank() - 2), Shapes.part(b.shape(), 0, b.rank() - 2));
        return Shapes.join(outer, a.size(transA ? -1 : -2), b.size(transB ? -2 : -1));
    }

    static long[] gemm(Call call) {
        Value a = call.input(0);
        Value b = call.input(1);
        boolean transA = call.attributes().integerOr("transA", 0) != 0;
        boolean transB = call.attributes().integerOr("transB", 0) != 0;
        if (a.rank() != 2 || b.rank() != 2 || a.size(transA ? 0 : 1) != b.size(transB ? 1 : 0)) {
            throw new GraphRefusedException("Gemm cannot multiply " + a + " and " + b);
        }
        return new long[] {a.size(transA ? 1 : 0), b.size(transB ? 0 : 1)};
    }

    /** Of x [..., K] and weights [N, blocks, bytes]. */
    static long[] matMulNBits(Call call) {
        Value x = call.input(0);
        return Shapes.with(x.shape(), x.rank() - 1, call.attributes().integer("N"));
    }

    /** Of data [rows, blocks, bytes] and indices of any shape. */
    static long[] gatherBlockQuantized(Call call) {
        Value data = call.input(0);
        long block = call.attributes().integer("block_size");
        return Shapes.join(call.input(1).shape(), data.size(1), block);
    }
}
