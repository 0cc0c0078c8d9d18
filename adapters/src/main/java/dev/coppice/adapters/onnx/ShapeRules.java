package dev.coppice.adapters.onnx;

import static java.util.Map.entry;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Type and static shape of every operator's outputs, as the documents of ONNX's operators (version
 * {@link Graph#OPSET}) and of ONNX Runtime's define them.
 * Where a shape depends on a value, the value has to be a constant.
 */
final class ShapeRules {
    private static final Set<String> AS_FIRST_INPUT = Set.of(
            "Identity",
            "Neg",
            "Sqrt",
            "Reciprocal",
            "Exp",
            "Log",
            "Tanh",
            "Sigmoid",
            "Erf",
            "Relu",
            "Abs",
            "Floor",
            "Ceil",
            "Sin",
            "Cos",
            "Not",
            "Sign",
            "Softmax",
            "LogSoftmax",
            "Trilu",
            "CumSum",
            "ScatterND",
            "ScatterElements",
            "Clip",
            "Round",
            "Softplus",
            "LeakyRelu",
            "Elu",
            "RotaryEmbedding",
            "QuickGelu");
    /** Gradients of which the training build of ONNX Runtime has one kernel; the second input is as the result. */
    private static final Set<String> AS_SECOND_INPUT = Set.of("QuickGeluGrad", "SoftmaxGrad_13");

    private static final Set<String> TRUTH = Set.of("IsNaN", "IsInf");
    private static final Set<String> BROADCAST =
            Set.of("Add", "Sub", "Mul", "Div", "Pow", "Mod", "Max", "Min", "And", "Or", "Xor", "Sum");
    private static final Set<String> COMPARE = Set.of("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual");
    private static final Set<String> REDUCE =
            Set.of("ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceSumSquare");

    /** Types of all outputs of one call. */
    @FunctionalInterface
    private interface Rule {
        List<TensorType> infer(Call call);
    }

    private static final Map<String, Rule> RULES = Map.ofEntries(
            entry(
                    "Where",
                    call -> one(
                            call.input(1),
                            Shapes.broadcast(
                                    call.input(0).shape(),
                                    Shapes.broadcast(
                                            call.input(1).shape(), call.input(2).shape())))),
            entry(
                    "Cast",
                    call -> List.of(TensorType.of(
                            ElementType.ofCode((int) call.attributes().integer("to")),
                            call.input(0).shape()))),
            entry("FusedMatMul", call -> one(call.input(0), ProductShapes.fusedMatMul(call))),
            entry("MatMul", call -> one(call.input(0), ProductShapes.matMul(call))),
            entry("Gemm", call -> one(call.input(0), ProductShapes.gemm(call))),
            entry(
                    "DequantizeLinear",
                    call -> List.of(
                            TensorType.of(call.input(1).element(), call.input(0).shape()))),
            entry("MatMulNBits", call -> one(call.input(0), ProductShapes.matMulNBits(call))),
            entry("GatherBlockQuantized", call -> one(call.input(2), ProductShapes.gatherBlockQuantized(call))),
            entry("Reshape", call -> one(call.input(0), MovingShapes.reshape(call))),
            entry("Flatten", call -> one(call.input(0), MovingShapes.flatten(call))),
            entry("Transpose", call -> one(call.input(0), MovingShapes.transpose(call))),
            entry("Unsqueeze", call -> one(call.input(0), MovingShapes.unsqueeze(call))),
            entry("Squeeze", call -> one(call.input(0), MovingShapes.squeeze(call))),
            entry(
                    "Expand",
                    call -> one(
                            call.input(0),
                            Shapes.broadcast(
                                    call.input(0).shape(), call.input(1).longs()))),
            entry("Tile", call -> one(call.input(0), MovingShapes.tile(call))),
            entry("Pad", call -> one(call.input(0), MovingShapes.pad(call))),
            entry("Concat", call -> one(call.input(0), MovingShapes.concat(call))),
            entry("Split", MovingShapes::split),
            entry("Slice", call -> one(call.input(0), SliceRange.of(call).resultShape())),
            entry("Gather", call -> one(call.input(0), MovingShapes.gather(call))),
            entry("GatherND", call -> one(call.input(0), MovingShapes.gatherNd(call))),
            entry("GatherElements", call -> one(call.input(0), call.input(1).shape())),
            entry("ArgMax", ShapeRules::extremePlace),
            entry("ArgMin", ShapeRules::extremePlace),
            entry("TopK", ShapeRules::largest),
            entry("Shape", call -> List.of(TensorType.of(ElementType.INT64, Folding.shapeOf(call).length))),
            entry("Size", call -> List.of(TensorType.of(ElementType.INT64))),
            entry("ConstantOfShape", ShapeRules::constantOfShape),
            entry("Range", call -> List.of(TensorType.of(call.input(0).element(), Folding.range(call).length))),
            entry("LayerNormalization", call -> normalization(call, 3)),
            entry("SimplifiedLayerNormalization", call -> normalization(call, 2)),
            entry("InPlaceAccumulatorV2", call -> List.of(TensorType.of(ElementType.BOOL, 1))));

    private ShapeRules() {}

    /** Whether calls of this operator can be part of a graph. */
    static boolean know(String op) {
        return Stream.of(AS_FIRST_INPUT, TRUTH, BROADCAST, COMPARE, REDUCE, RULES.keySet())
                .anyMatch(known -> known.contains(op));
    }

    /** @throws GraphRefusedException if the operator is not known or its inputs do not fit */
    static List<TensorType> infer(Call call) {
        String op = call.op();
        if (AS_FIRST_INPUT.contains(op)) {
            return one(call.input(0), call.input(0).shape());
        }
        if (AS_SECOND_INPUT.contains(op)) {
            return one(call.input(1), call.input(1).shape());
        }
        if (TRUTH.contains(op)) {
            return List.of(TensorType.of(ElementType.BOOL, call.input(0).shape()));
        }
        if (BROADCAST.contains(op)) {
            return one(call.input(0), broadcast(call));
        }
        if (COMPARE.contains(op)) {
            return List.of(TensorType.of(ElementType.BOOL, broadcast(call)));
        }
        if (REDUCE.contains(op)) {
            return one(call.input(0), ReducedAxes.of(call).resultShape());
        }
        Rule rule = RULES.get(op);
        if (rule == null) {
            throw new GraphRefusedException("operator " + op + " is not supported");
        }
        return rule.infer(call);
    }

    private static long[] broadcast(Call call) {
        long[] shape = call.input(0).shape();
        for (Value input : call.inputs()) {
            if (input.element() != call.input(0).element() && !call.op().equals("Pow")) {
                throw new GraphRefusedException(
                        call.op() + " mixes " + call.input(0).element() + " and " + input.element());
            }
            shape = Shapes.broadcast(shape, input.shape());
        }
        return shape;
    }

    private static List<TensorType> extremePlace(Call call) {
        return List.of(
                TensorType.of(ElementType.INT64, ReducedAxes.ofArgMax(call).resultShape()));
    }

    /** The largest along an axis, and their places. */
    private static List<TensorType> largest(Call call) {
        Value x = call.input(0);
        int axis = Shapes.axis(call.attributes().integerOr("axis", -1), x.rank());
        long count = call.input(1).longs()[0];
        if (count < 0 || count > x.size(axis)) {
            throw new GraphRefusedException("there are no " + count + " largest of " + x.size(axis));
        }
        long[] shape = Shapes.with(x.shape(), axis, count);
        return List.of(TensorType.of(x.element(), shape), TensorType.of(ElementType.INT64, shape));
    }

    private static List<TensorType> constantOfShape(Call call) {
        ElementType type = call.attributes()
                .find("value")
                .map(attribute -> ElementType.ofCode(attribute.getT().getDataType()))
                .orElse(ElementType.FLOAT);
        return List.of(TensorType.of(type, call.input(0).longs()));
    }

    private static List<TensorType> normalization(Call call, int outputs) {
        Value x = call.input(0);
        int axis = Shapes.axis(call.attributes().integerOr("axis", -1), x.rank());
        long[] statistics = x.shape();
        for (int i = axis; i < statistics.length; i++) {
            statistics[i] = 1;
        }
        List<TensorType> types = new ArrayList<>(one(x, x.shape()));
        while (types.size() < outputs) {
            types.add(TensorType.of(x.element(), statistics));
        }
        return types;
    }

    private static List<TensorType> one(Value like, long[] shape) {
        return List.of(TensorType.of(like.element(), shape));
    }
}
