package dev.coppice.adapters.fusion;

import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A factor for each row is applied behind a product that makes rows shorter, not ahead of it. */
final class Columns implements Pattern {
    @Override
    public Optional<List<Value>> replace(Call call, Rewriting rewriting) {
        boolean fits = call.op().equals("Gemm")
                && call.output().element() == ElementType.FLOAT
                && !call.has(2)
                && call.attributes().integerOr("transA", 0) == 0
                && call.output().size(1) < call.input(0).size(1)
                && rewriting.isUsedOnce(call.input(0));
        return fits
                ? rewriting
                        .findMaker(call.input(0), "Mul")
                        .flatMap(mul -> moved(call, mul, 0, rewriting).or(() -> moved(call, mul, 1, rewriting)))
                : Optional.empty();
    }

    private static Optional<List<Value>> moved(Call gemm, Call mul, int side, Rewriting rewriting) {
        Value column = mul.input(side);
        Value rows = mul.input(1 - side);
        if (!Arrays.equals(rows.shape(), mul.output().shape())
                || !Arrays.equals(column.shape(), new long[] {rows.size(0), 1})) {
            return Optional.empty();
        }
        Ops ops = rewriting.ops();
        Value product = ops.graph().call("Gemm", gemm.attributes(), rows, gemm.input(1));
        return Optional.of(List.of(ops.mul(product, column)));
    }
}
