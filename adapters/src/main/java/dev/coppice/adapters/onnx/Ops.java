package dev.coppice.adapters.onnx;

import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/** Operators by name, for code that writes formulas into a {@link Graph}. */
public final class Ops {
    /** More positions than any text has. */
    private static final long RANGE_MAX = 1 << 20;

    private final Graph graph;

    public Ops(Graph graph) {
        this.graph = graph;
    }

    public Graph graph() {
        return graph;
    }

    public Value unary(String op, Value x) {
        return graph.call(op, Attributes.none(), x);
    }

    public Value add(Value a, Value b) {
        return graph.call("Add", Attributes.none(), a, b);
    }

    public Value sub(Value a, Value b) {
        return graph.call("Sub", Attributes.none(), a, b);
    }

    public Value mul(Value a, Value b) {
        return graph.call("Mul", Attributes.none(), a, b);
    }

    public Value div(Value a, Value b) {
        return graph.call("Div", Attributes.none(), a, b);
    }

    public Value scale(Value x, double factor) {
        return factor == 1 ? x : mul(x, number(x, factor));
    }

    /** {@code condition ? a : b}, element by element. */
    public Value where(Value condition, Value a, Value b) {
        return graph.call("Where", Attributes.none(), condition, a, b);
    }

    public Value cast(Value x, ElementType type) {
        return graph.call("Cast", Attributes.none().integer("to", type.code()), x);
    }

    /** One number of the element type of {@code like}. */
    public Value number(Value like, double value) {
        return graph.constant(Tensor.scalar(like.element(), value));
    }

    public Value integers(long... values) {
        return graph.constant(Tensor.ofLongs(values, values.length));
    }

    public Value zeros(Value like) {
        return graph.call("Expand", Attributes.none(), number(like, 0), integers(like.shape()));
    }

    /** Of a value that was reshaped before, its source is reshaped instead, or found to have that shape already. */
    public Value reshape(Value x, long... shape) {
        Value source = graph.findMaker(x, "Reshape").map(call -> call.input(0)).orElse(x);
        return Arrays.equals(source.shape(), shape)
                ? source
                : graph.call("Reshape", Attributes.none(), source, integers(shape));
    }

    /** All axes but the last become one. */
    public Value rows(Value x) {
        return reshape(x, x.count() / x.size(-1), x.size(-1));
    }

    public Value expand(Value x, long... shape) {
        return Arrays.equals(x.shape(), shape) ? x : graph.call("Expand", Attributes.none(), x, integers(shape));
    }

    /** Axes in another order. One that changes nothing is left out: ONNX Runtime 1.24 mistakes it, after a Gemm, for a swap. */
    public Value transpose(Value x, long... permutation) {
        return Arrays.equals(permutation, LongStream.range(0, x.rank()).toArray())
                ? x
                : graph.call("Transpose", Attributes.none().integers("perm", permutation), x);
    }

    /** A new axis of size 1. */
    public Value unsqueeze(Value x, int axis) {
        long[] front = Shapes.part(x.shape(), 0, axis);
        return reshape(x, Shapes.join(Shapes.join(front, 1), Shapes.part(x.shape(), axis, x.rank())));
    }

    /** [batch, length, heads times size] as [batch, heads, length, size]. */
    public Value heads(Value x, int heads) {
        return transpose(reshape(x, x.size(0), x.size(1), heads, x.size(2) / heads), 0, 2, 1, 3);
    }

    /** [batch, heads, length, size] as [batch, length, heads times size]. */
    public Value joined(Value x) {
        return reshape(transpose(x, 0, 2, 1, 3), x.size(0), x.size(2), x.size(1) * x.size(3));
    }

    /** Neighbours along the last axis, of these sizes; a size of 0 gives no part. */
    public List<Value> parts(Value x, long... sizes) {
        long[] some = LongStream.of(sizes).filter(size -> size != 0).toArray();
        return some.length == 1
                ? List.of(x)
                : graph.callAll("", "Split", Attributes.none().integer("axis", -1), List.of(x, integers(some)));
    }

    public Value concat(int axis, List<Value> parts) {
        return graph.call("Concat", Attributes.none().integer("axis", axis), parts.toArray(Value[]::new));
    }

    /** Rows of a table, or other slices along its first axis. */
    public Value gather(Value table, Value indices) {
        return graph.call("Gather", Attributes.none().integer("axis", 0), table, indices);
    }

    /** 0, 1, ..., count - 1. */
    public Value range(long count) {
        if (count > RANGE_MAX) {
            throw new GraphRefusedException("a list of " + count + " numbers is too long");
        }
        return integers(LongStream.range(0, count).toArray());
    }

    /** The truth of a comparison, element by element. */
    public Value compare(String op, Value a, Value b) {
        return graph.call(op, Attributes.none(), a, b);
    }

    /** The last two axes change places. */
    public Value swap(Value x) {
        long[] permutation = LongStream.range(0, x.rank()).toArray();
        permutation[x.rank() - 1] = x.rank() - 2L;
        permutation[x.rank() - 2] = x.rank() - 1L;
        return transpose(x, permutation);
    }

    public Value matMul(Value a, Value b) {
        return graph.call("MatMul", Attributes.none(), a, b);
    }

    /** x [..., in] times a matrix that lies there as [out, in]. */
    Value timesTurned(Value x, Value matrix) {
        return reshape(gemm(rows(x), false, matrix, true, 1), Shapes.with(x.shape(), x.rank() - 1, matrix.size(0)));
    }

    /** {@code alpha * a' b'} for matrices, where a prime means transposed if so wished. */
    public Value gemm(Value a, boolean transA, Value b, boolean transB, double alpha) {
        return graph.call("Gemm", Attributes.product(transA, transB, (float) alpha), a, b);
    }

    /** Sum over axes, which are kept as 1. */
    public Value sum(Value x, long... axes) {
        return graph.call("ReduceSum", Attributes.none().integer("keepdims", 1), x, integers(axes));
    }

    /** Sum of all elements, without axes. */
    public Value total(Value x) {
        return graph.call("ReduceSum", Attributes.none().integer("keepdims", 0), x);
    }

    /** Sum of the squares of all elements, without axes. */
    public Value totalOfSquares(Value x) {
        return graph.call("ReduceSumSquare", Attributes.none().integer("keepdims", 0), x);
    }

    /** Mean over axes, which are kept as 1. */
    public Value mean(Value x, long... axes) {
        return graph.call("ReduceMean", Attributes.none().integer("keepdims", 1), x, integers(axes));
    }

    /** What reaches an operand of this shape from a result it was broadcast to: sums over the repeated axes. */
    public Value sumTo(Value x, long... shape) {
        int more = x.rank() - shape.length;
        long[] axes = LongStream.range(0, x.rank())
                .filter(axis -> axis < more || (shape[(int) axis - more] == 1 && x.size((int) axis) != 1))
                .toArray();
        return reshape(axes.length == 0 ? x : sum(x, axes), shape);
    }
}
