package dev.coppice.adapters.autodiff;

import static java.util.Map.entry;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.ReducedAxes;
import dev.coppice.adapters.onnx.Value;
import java.util.Map;

/** Rules of functions that are put together from pieces. Where two pieces meet, one of them is followed. */
final class PiecewiseRules {
    static final Map<String, Rule> ALL = Map.ofEntries(
            entry("Relu", (s, i) -> where(s, isPositive(s), s.d())),
            entry(
                    "LeakyRelu",
                    (s, i) -> s.ops()
                            .where(
                                    isPositive(s),
                                    s.d(),
                                    s.ops().scale(s.d(), s.attributes().realOr("alpha", 0.01f)))),
            entry("Elu", PiecewiseRules::elu),
            entry("Abs", (s, i) -> s.ops().mul(s.d(), s.ops().unary("Sign", s.x()))),
            entry("Clip", PiecewiseRules::clip),
            entry("Max", (s, i) -> larger(s, i, "GreaterOrEqual")),
            entry("Min", (s, i) -> larger(s, i, "LessOrEqual")),
            entry("ReduceMax", PiecewiseRules::extreme),
            entry("ReduceMin", PiecewiseRules::extreme),
            entry("Where", PiecewiseRules::choice),
            entry("Floor", PiecewiseRules::flat),
            entry("Ceil", PiecewiseRules::flat),
            entry("Round", PiecewiseRules::flat),
            entry("Sign", PiecewiseRules::flat));

    private PiecewiseRules() {}

    /** For alpha (exp(x) - 1) below 0: d (y + alpha). */
    private static Value elu(Step s, int input) {
        Ops ops = s.ops();
        Value slope = ops.add(s.y(), ops.number(s.x(), s.attributes().realOr("alpha", 1)));
        return ops.where(isPositive(s), s.d(), ops.mul(s.d(), slope));
    }

    /** Bounds are numbers of the model; only what lies between them has an influence. */
    private static Value clip(Step s, int input) {
        if (input != 0) {
            throw new GraphRefusedException("Clip cannot be differentiated by its bounds");
        }
        Value passed = s.d();
        if (s.call().has(1)) {
            passed = where(s, s.ops().compare("GreaterOrEqual", s.x(), s.in(1)), passed);
        }
        return s.call().has(2) ? where(s, s.ops().compare("LessOrEqual", s.x(), s.in(2)), passed) : passed;
    }

    /** Of two equal operands the first counts. */
    private static Value larger(Step s, int input, String comparison) {
        Value first = s.ops().compare(comparison, s.in(0), s.in(1));
        Value taken = input == 0 ? first : s.ops().unary("Not", first);
        return s.toInput(input, where(s, taken, s.d()));
    }

    /** Elements that are equal to the extreme share its gradient. */
    private static Value extreme(Step s, int input) {
        Ops ops = s.ops();
        long[] kept = ReducedAxes.of(s.call()).keptShape();
        Value isExtreme = ops.cast(ops.compare("Equal", s.x(), ops.reshape(s.y(), kept)), s.x().element());
        Value share = ops.div(ops.reshape(s.d(), kept), ops.sumTo(isExtreme, kept));
        return ops.mul(isExtreme, share);
    }

    private static Value choice(Step s, int input) {
        Value zero = s.ops().number(s.d(), 0);
        Value passed = input == 1 ? s.ops().where(s.x(), s.d(), zero) : s.ops().where(s.x(), zero, s.d());
        return s.toInput(input, passed);
    }

    private static Value flat(Step s, int input) {
        return s.ops().zeros(s.x());
    }

    private static Value isPositive(Step s) {
        return s.ops().graph().call("Greater", Attributes.none(), s.x(), s.ops().number(s.x(), 0));
    }

    private static Value where(Step s, Value condition, Value passed) {
        return s.ops().where(condition, passed, s.ops().number(passed, 0));
    }
}
