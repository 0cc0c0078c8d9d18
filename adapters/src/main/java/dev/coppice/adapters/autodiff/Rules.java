package dev.coppice.adapters.autodiff;

import static java.util.Map.entry;

import dev.coppice.adapters.onnx.Call;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * One rule per operator: element-wise operators here, the others by kind. In the formulas d is the gradient that
 * arrives, x the first input and y the output.
 */
final class Rules {
    private static final Map<String, Rule> ELEMENTWISE = Map.ofEntries(
            entry("Add", (s, i) -> s.toInput(i, s.d())),
            entry("Sub", (s, i) -> s.toInput(i, i == 0 ? s.d() : s.ops().unary("Neg", s.d()))),
            entry("Mul", Rules::product),
            entry("Div", Rules::quotient),
            entry("Pow", Rules::power),
            entry("Neg", (s, i) -> s.ops().unary("Neg", s.d())),
            entry("Sqrt", (s, i) -> s.ops().div(s.ops().scale(s.d(), 0.5), s.y())),
            entry(
                    "Reciprocal",
                    (s, i) -> s.ops().unary("Neg", s.ops().mul(s.d(), s.ops().mul(s.y(), s.y())))),
            entry("Exp", (s, i) -> s.ops().mul(s.d(), s.y())),
            entry("Log", (s, i) -> s.ops().div(s.d(), s.x())),
            entry("Tanh", (s, i) -> s.ops().mul(s.d(), oneMinus(s.ops(), s.ops().mul(s.y(), s.y())))),
            entry("Sigmoid", (s, i) -> s.ops().mul(s.d(), s.ops().mul(s.y(), oneMinus(s.ops(), s.y())))),
            entry("Erf", Rules::errorFunction),
            entry("Softplus", (s, i) -> s.ops().mul(s.d(), s.ops().unary("Sigmoid", s.x()))),
            entry("Cast", (s, i) -> s.ops().cast(s.d(), s.x().element())));

    private static final Map<String, Rule> ALL = new HashMap<>(ELEMENTWISE);

    static {
        ALL.putAll(ProductRules.ALL);
        ALL.putAll(MovingRules.ALL);
        ALL.putAll(NormalizingRules.ALL);
        ALL.putAll(PiecewiseRules.ALL);
    }

    private Rules() {}

    /** @throws GraphRefusedException if the operator cannot be differentiated */
    static Rule of(Call call) {
        Rule rule = ALL.get(call.op());
        if (rule == null) {
            throw new GraphRefusedException("operator " + call.op() + " cannot be differentiated");
        }
        return rule;
    }

    /** Names of all operators that can be differentiated. */
    static Set<String> operators() {
        return Set.copyOf(ALL.keySet());
    }

    /** d times the other factor; for x sigmoid(x), all of its slope at once: d (t + y (1 - t)) with t = sigmoid(x). */
    private static Value product(Step s, int input) {
        Ops ops = s.ops();
        Value other = s.in(1 - input);
        if (isGateOf(ops, other, s.in(input))) {
            return ops.mul(s.d(), ops.add(other, ops.sub(s.y(), ops.mul(s.y(), other))));
        }
        return isGateOf(ops, s.in(input), other) ? Value.ABSENT : s.toInput(input, ops.mul(s.d(), other));
    }

    private static boolean isGateOf(Ops ops, Value gate, Value x) {
        return ops.graph()
                .findMaker(gate, "Sigmoid")
                .filter(call -> call.input(0) == x)
                .isPresent();
    }

    private static Value quotient(Step s, int input) {
        Value overDivisor = s.ops().div(s.d(), s.in(1));
        return s.toInput(
                input, input == 0 ? overDivisor : s.ops().unary("Neg", s.ops().mul(overDivisor, s.y())));
    }

    /** d p x^(p-1) for a constant exponent p. */
    private static Value power(Step s, int input) {
        Value exponent = s.in(1);
        if (input != 0
                || exponent.constant().isEmpty()
                || exponent.count() != 1
                || !exponent.element().isReal()) {
            throw new GraphRefusedException("Pow can be differentiated by its base only, for one constant exponent");
        }
        double p = exponent.constant().orElseThrow().toDoubles()[0];
        Value slope = p == 2
                ? s.x()
                : s.ops().graph().call("Pow", s.attributes(), s.x(), s.ops().number(exponent, p - 1));
        return s.toInput(0, s.ops().mul(s.d(), s.ops().scale(slope, p)));
    }

    /** d 2/sqrt(pi) exp(-x^2). */
    private static Value errorFunction(Step s, int input) {
        Ops ops = s.ops();
        Value bell = ops.unary("Exp", ops.unary("Neg", ops.mul(s.x(), s.x())));
        return ops.mul(s.d(), ops.scale(bell, 2 / Math.sqrt(Math.PI)));
    }

    static Value oneMinus(Ops ops, Value x) {
        return ops.sub(ops.number(x, 1), x);
    }
}
