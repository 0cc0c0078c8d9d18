package dev.coppice.adapters.fusion;

import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What is added to a matrix product becomes the matrix that the product is added to. */
final class Sums implements Pattern {
    @Override
    public Optional<List<Value>> replace(Call call, Rewriting rewriting) {
        if (!call.op().equals("Add") || call.output().element() != ElementType.FLOAT) {
            return Optional.empty();
        }
        return added(call, rewriting, 1).or(() -> added(call, rewriting, 0));
    }

    private static Optional<List<Value>> added(Call call, Rewriting rewriting, int product) {
        Value other = call.input(1 - product);
        Value factor = call.input(product);
        return rewriting
                .findMaker(factor, "Gemm")
                .filter(gemm ->
                        !gemm.has(2) && rewriting.isUsedOnce(factor) && Arrays.equals(other.shape(), factor.shape()))
                .map(gemm -> List.of(plus(gemm, other, rewriting)));
    }

    private static Value plus(Call gemm, Value other, Rewriting rewriting) {
        return rewriting.ops().graph().call("Gemm", gemm.attributes(), gemm.input(0), gemm.input(1), other);
    }
}
