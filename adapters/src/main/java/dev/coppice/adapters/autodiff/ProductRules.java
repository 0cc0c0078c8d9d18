package dev.coppice.adapters.autodiff;

import dev.coppice.adapters.onnx.BlockQuantized;
import dev.coppice.adapters.onnx.Dequantization;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.Map;

/** Rules of matrix products. */
final class ProductRules {
    static final Map<String, Rule> ALL = Map.of(
            "MatMul", ProductRules::matMul, "Gemm", ProductRules::gemm, "MatMulNBits", ProductRules::matMulNBits);

    private ProductRules() {}

    /** Products with one matrix for all rows become one Gemm, so that no transposed copy is made. */
    private static Value matMul(Step s, int input) {
        Ops ops = s.ops();
        Value a = s.in(0);
        Value b = s.in(1);
        if (b.rank() == 2) {
            Value gradient = input == 0
                    ? ops.gemm(ops.rows(s.d()), false, Dequantization.again(ops, b, s.d()), true, 1)
                    : ops.gemm(ops.rows(a), true, ops.rows(s.d()), false, 1);
            return ops.reshape(gradient, s.in(input).shape());
        }
        return s.toInput(input, input == 0 ? ops.matMul(s.d(), ops.swap(b)) : ops.matMul(ops.swap(a), s.d()));
    }

    /** For y = alpha A' B' + beta C: dA' = alpha d B'^T, dB' = alpha A'^T d, dC = beta d. */
    private static Value gemm(Step s, int input) {
        Ops ops = s.ops();
        boolean transA = s.attributes().integerOr("transA", 0) != 0;
        boolean transB = s.attributes().integerOr("transB", 0) != 0;
        float alpha = s.attributes().realOr("alpha", 1);
        if (input == 0) {
            Value b = Dequantization.again(ops, s.in(1), s.d());
            return transA ? ops.gemm(b, transB, s.d(), true, alpha) : ops.gemm(s.d(), false, b, !transB, alpha);
        }
        if (input == 1) {
            return transB
                    ? ops.gemm(s.d(), true, s.in(0), transA, alpha)
                    : ops.gemm(s.in(0), !transA, s.d(), false, alpha);
        }
        return s.toInput(2, ops.scale(s.d(), s.attributes().realOr("beta", 1)));
    }

    /** For y = x W' with frozen W: dx = d W. */
    private static Value matMulNBits(Step s, int input) {
        Ops ops = s.ops();
        Value weights = BlockQuantized.of(s.call(), ops.graph()).matrix(ops, s.d());
        return ops.reshape(ops.gemm(ops.rows(s.d()), false, weights, false, 1), s.x().shape());
    }
}
