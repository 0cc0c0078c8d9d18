package dev.coppice.adapters.fusion;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Node;
import dev.coppice.adapters.onnx.Shapes;
import dev.coppice.adapters.onnx.Value;
import java.util.List;
import java.util.Optional;

/** d y - y sum(d y) for y = softmax(x) over the last axis: the gradient of a softmax in one operator. */
final class SoftmaxGradients implements Pattern {
    @Override
    public Optional<List<Value>> replace(Call call, Rewriting rewriting) {
        if (!call.op().equals("Sub") || call.output().element() != ElementType.FLOAT) {
            return Optional.empty();
        }
        return rewriting.findMaker(call.input(0), "Mul").flatMap(weighted -> {
            Value d = weighted.input(0);
            Value y = weighted.input(1);
            boolean fits = isSoftmax(y, rewriting)
                    && rewriting
                            .findMaker(call.input(1), "Mul")
                            .filter(pull -> pull.input(0) == y)
                            .flatMap(pull -> rewriting.findMaker(pull.input(1), "ReduceSum"))
                            .filter(sum -> sum.input(0) == weighted.output() && isLast(sum.input(1), y.rank()))
                            .isPresent();
            return fits ? Optional.of(gradient(rewriting, d, y)) : Optional.empty();
        });
    }

    private static List<Value> gradient(Rewriting rewriting, Value d, Value y) {
        return rewriting
                .ops()
                .graph()
                .callAll(Node.MICROSOFT, "SoftmaxGrad_13", Attributes.none().integer("axis", -1), List.of(d, y));
    }

    private static boolean isSoftmax(Value y, Rewriting rewriting) {
        return rewriting
                .findMaker(y, "Softmax")
                .filter(SoftmaxGradients::isOverRows)
                .isPresent();
    }

    /** Whether a softmax is over the last axis. */
    static boolean isOverRows(Call softmax) {
        return isLast(
                softmax.attributes().integerOr("axis", -1), softmax.output().rank());
    }

    private static boolean isLast(Value axes, int rank) {
        return axes.constant()
                .filter(constant -> constant.count() == 1 && isLast(constant.toLongs()[0], rank))
                .isPresent();
    }

    private static boolean isLast(long axis, int rank) {
        return Shapes.axis(axis, rank) == rank - 1;
    }
}
