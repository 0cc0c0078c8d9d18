package dev.coppice.adapters.onnx;

import static java.util.Map.entry;

import java.util.List;
import java.util.Map;

/** Activation functions as formulas. Sources: the documents of ONNX's and ONNX Runtime's operators. */
final class ActivationLowerings {
    private static final String MS = Node.MICROSOFT + ".";

    static final Map<String, Lowering> ALL = Map.ofEntries(
            entry(
                    "Gelu",
                    s -> List.of(
                            s.attributes().textOr("approximate", "none").equals("tanh")
                                    ? geluByTanh(s.ops(), s.in(0))
                                    : gelu(s, s.in(0)))),
            entry(MS + "Gelu", s -> List.of(gelu(s, s.in(0)))),
            entry(MS + "BiasGelu", s -> List.of(gelu(s, s.ops().add(s.in(0), s.in(1))))),
            entry(MS + "BiasSplitGelu", s -> List.of(splitGate(s))),
            entry(
                    MS + "FastGelu",
                    s -> List.of(geluByTanh(s.ops(), s.has(1) ? s.ops().add(s.in(0), s.in(1)) : s.in(0)))),
            entry(
                    MS + "QuickGelu",
                    s -> List.of(swish(s.ops(), s.in(0), s.attributes().realOr("alpha", 1.702f)))),
            entry("Swish", s -> List.of(swish(s.ops(), s.in(0), s.attributes().realOr("alpha", 1)))),
            entry("HardSigmoid", s -> List.of(hardSigmoid(s))),
            entry("HardSwish", s -> List.of(s.ops().mul(s.in(0), clipped(s, s.in(0), 1.0 / 6, 0.5)))),
            entry(
                    "Mish",
                    s -> List.of(s.ops()
                            .mul(s.in(0), s.ops().unary("Tanh", s.ops().unary("Softplus", s.in(0)))))));

    /** What ONNX Runtime has no kernel for in float64. */
    static final Map<String, Lowering> WIDE =
            Map.of("Erf", ActivationLowerings::errorFunction, "Cos", ActivationLowerings::cosine);

    private ActivationLowerings() {}

    /** x/2 (1 + erf(x / sqrt 2)): Hendrycks and Gimpel 2016. */
    private static Value gelu(Site s, Value x) {
        Ops ops = s.ops();
        Value erf = s.lowered("", "Erf", Attributes.none(), List.of(ops.scale(x, Math.sqrt(0.5))))
                .get(0);
        return ops.mul(ops.scale(x, 0.5), ops.add(erf, ops.number(x, 1)));
    }

    /** The first half of x + bias times the gelu of the second (GEGLU; Shazeer 2020). */
    private static Value splitGate(Site s) {
        Value x = s.ops().add(s.in(0), s.in(1));
        List<Value> halves = s.ops().parts(x, x.size(-1) / 2, x.size(-1) / 2);
        return s.ops().mul(halves.get(0), gelu(s, halves.get(1)));
    }

    /** x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))), the approximation of the same paper. */
    private static Value geluByTanh(Ops ops, Value x) {
        Value cubic = ops.add(ops.scale(ops.mul(ops.mul(x, x), x), 0.044715), x);
        Value tanh = ops.unary("Tanh", ops.scale(cubic, Math.sqrt(2 / Math.PI)));
        return ops.mul(ops.scale(x, 0.5), ops.add(tanh, ops.number(x, 1)));
    }

    /** x sigmoid(alpha x): Ramachandran et al. 2017. */
    private static Value swish(Ops ops, Value x, double alpha) {
        return ops.mul(x, ops.unary("Sigmoid", ops.scale(x, alpha)));
    }

    private static Value hardSigmoid(Site s) {
        return clipped(
                s, s.in(0), s.attributes().realOr("alpha", 0.2f), s.attributes().realOr("beta", 0.5f));
    }

    /** max(0, min(1, slope x + shift)). */
    private static Value clipped(Site s, Value x, double slope, double shift) {
        Ops ops = s.ops();
        Value line = ops.add(ops.scale(x, slope), ops.number(x, shift));
        return s.call("Clip", Attributes.none(), line, ops.number(x, 0), ops.number(x, 1));
    }

    /** ONNX Runtime has no cosine for float64 either, but a sine. */
    private static List<Value> cosine(Site s) {
        return s.isDouble()
                ? List.of(s.ops().unary("Sin", s.ops().add(s.in(0), s.ops().number(s.in(0), Math.PI / 2))))
                : s.same(s.attributes(), s.call().inputs());
    }

    /**
     * ONNX Runtime has no error function for float64. There, for numerical checks only, it is the integral
     * 2 x / sqrt(pi) times that of exp(-x^2 t^2) for t from 0 to 1, by Gauss and Legendre's rule.
     */
    private static List<Value> errorFunction(Site s) {
        Value x = s.in(0);
        if (!s.isDouble()) {
            return s.same(s.attributes(), s.call().inputs());
        }
        Ops ops = s.ops();
        GaussLegendre rule = new GaussLegendre(48);
        double[] minusSquares = rule.nodes();
        for (int i = 0; i < minusSquares.length; i++) {
            minusSquares[i] *= -minusSquares[i];
        }
        Value flat = ops.reshape(x, x.count(), 1);
        Value exponents = ops.matMul(
                ops.mul(flat, flat), ops.graph().constant(Tensor.ofDoubles(minusSquares, 1, minusSquares.length)));
        Value weights = ops.graph().constant(Tensor.ofDoubles(rule.weights(), rule.weights().length, 1));
        Value integral = ops.reshape(ops.matMul(ops.unary("Exp", exponents), weights), x.shape());
        return List.of(ops.mul(ops.scale(x, 2 / Math.sqrt(Math.PI)), integral));
    }
}
