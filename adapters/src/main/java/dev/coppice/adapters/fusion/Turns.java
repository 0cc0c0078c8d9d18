package dev.coppice.adapters.fusion;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Value;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** Products take turned operands and factors as they are: no turned copy is made, and nothing is multiplied first. */
final class Turns implements Pattern {
    private static final String FUSED = "FusedMatMul";

    /** alpha a' b', where a prime means that the last two axes change places if so wished. */
    private record Product(Value a, boolean transA, Value b, boolean transB, float alpha) {
        static Optional<Product> of(Call call) {
            Attributes given = call.attributes();
            return call.op().equals("MatMul")
                            || call.op().equals(FUSED)
                            || (call.op().equals("Gemm") && !call.has(2))
                    ? Optional.of(new Product(
                            call.input(0),
                            given.integerOr("transA", 0) != 0,
                            call.input(1),
                            given.integerOr("transB", 0) != 0,
                            given.realOr("alpha", 1)))
                    : Optional.empty();
        }

        /** (a b)' = b' a'. */
        Product turned() {
            return new Product(b, !transB, a, !transA, alpha);
        }

        /** Whether the engine turns copies of the left matrices, and fewer numbers or none for the turned product. */
        boolean isLessWorkTurned() {
            return transA && a.rank() > 2 && (transB || b.size(-1) < a.size(-1));
        }

        Product times(double factor) {
            return new Product(a, transA, b, transB, (float) (alpha * factor));
        }

        Value in(Rewriting rewriting) {
            Attributes attributes = Attributes.product(transA, transB, alpha);
            boolean matrices = a.rank() == 2 && b.rank() == 2;
            return rewriting
                    .ops()
                    .graph()
                    .callAll(matrices ? "" : Node.MICROSOFT, matrices ? "Gemm" : FUSED, attributes, List.of(a, b))
                    .get(0);
        }
    }

    @Override
    public Optional<List<Value>> replace(Call call, Rewriting rewriting) {
        if (call.output().element() != ElementType.FLOAT) {
            return Optional.empty();
        }
        return switch (call.op()) {
            case "Transpose" -> turned(call, rewriting);
            case "Mul" -> scaled(call, rewriting, 0).or(() -> scaled(call, rewriting, 1));
            case "MatMul", FUSED, "Gemm" -> Product.of(call).flatMap(product -> withOperands(product, rewriting));
            default -> Optional.empty();
        };
    }

    /** The product of what was turned or scaled before. */
    private static Optional<List<Value>> withOperands(Product product, Rewriting rewriting) {
        Product left = withLeftOperand(product, rewriting);
        Product found = withLeftOperand(left.turned(), rewriting).turned();
        return found.equals(product) ? Optional.empty() : Optional.of(List.of(found.in(rewriting)));
    }

    private static Product withLeftOperand(Product product, Rewriting rewriting) {
        Optional<Product> found = findSwap(product.a(), rewriting)
                .map(swap ->
                        new Product(swap.input(0), !product.transA(), product.b(), product.transB(), product.alpha()))
                .or(() -> rewriting.findMaker(product.a(), "Mul").flatMap(mul -> unscaled(product, mul)));
        return found.map(next -> withLeftOperand(next, rewriting)).orElse(product);
    }

    private static Optional<Product> unscaled(Product product, Call mul) {
        return number(mul.input(1))
                .map(factor -> new Product(
                                mul.input(0), product.transA(), product.b(), product.transB(), product.alpha())
                        .times(factor));
    }

    /** A turned product, or one whose operands take less turning the other way round, where it is moved anyway. */
    private static Optional<List<Value>> turned(Call call, Rewriting rewriting) {
        Value x = call.input(0);
        if (!rewriting.isUsedOnce(x)) {
            return Optional.empty();
        }
        return product(x, rewriting)
                .filter(found -> isSwap(call) || found.isLessWorkTurned())
                .map(found -> {
                    Value turned = found.turned().in(rewriting);
                    return isSwap(call) ? turned : rewriting.ops().transpose(turned, afterSwap(call));
                })
                .map(List::of);
    }

    /** Where a transposition finds its axes once the last two have changed places. */
    private static long[] afterSwap(Call transpose) {
        long[] axes = transpose.attributes().findIntegers("perm").orElseThrow();
        int last = axes.length - 1;
        return LongStream.of(axes)
                .map(axis -> axis == last ? last - 1 : axis == last - 1 ? last : axis)
                .toArray();
    }

    /** A product times a number, a view of it in another shape included. */
    private static Optional<List<Value>> scaled(Call call, Rewriting rewriting, int side) {
        Value x = call.input(side);
        Optional<Double> factor = number(call.input(1 - side));
        if (factor.isEmpty() || !rewriting.isUsedOnce(x)) {
            return Optional.empty();
        }
        Value source = rewriting
                .findMaker(x, "Reshape")
                .map(reshape -> reshape.input(0))
                .filter(rewriting::isUsedOnce)
                .orElse(x);
        return product(source, rewriting)
                .map(found -> found.times(factor.get()).in(rewriting))
                .map(result ->
                        List.of(rewriting.ops().reshape(result, call.output().shape())));
    }

    private static Optional<Product> product(Value value, Rewriting rewriting) {
        return rewriting.ops().graph().findMaker(value).flatMap(Product::of);
    }

    private static Optional<Double> number(Value value) {
        return value.constant()
                .filter(constant -> constant.count() == 1 && value.rank() < 2)
                .map(constant -> constant.toDoubles()[0]);
    }

    private static Optional<Call> findSwap(Value value, Rewriting rewriting) {
        return rewriting.findMaker(value, "Transpose").filter(Turns::isSwap);
    }

    private static boolean isSwap(Call transpose) {
        int rank = transpose.input(0).rank();
        long[] swap = LongStream.range(0, rank).toArray();
        if (rank < 2) {
            return false;
        }
        swap[rank - 1] = rank - 2L;
        swap[rank - 2] = rank - 1L;
        return Arrays.equals(swap, transpose.attributes().findIntegers("perm").orElse(rank == 2 ? swap : new long[0]));
    }
}
