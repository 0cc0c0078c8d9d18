package dev.coppice.adapters.onnx;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A frozen matrix [rows, columns] of 4 or 8 bits a weight, in blocks along its rows, each with a scale and a zero point:
 * {@code weight = (q - zeroPoint) * scale}. Laid out as ONNX Runtime's MatMulNBits has it, [rows, blocks,
 * block * bits / 8] bytes. Checked when it is made; immutable.
 */
public final class BlockQuantized {
    private static final int BLOCK_MIN = 16;
    private static final long SIZE_MAX = 1 << 24;
    /** Computes in float32; level 4, which exporters write, would round activations to 8 bits, and the gradient not. */
    private static final long FLOAT32_ACCURACY = 1;

    private final int rows;
    private final int columns;
    private final int bits;
    private final int block;
    private final Tensor data;
    private final Tensor scales;
    private final FloatBuffer scaleValues;
    private final ZeroPoints zeroPoints;

    private BlockQuantized(
            int rows, int columns, int bits, int block, Tensor data, Tensor scales, ZeroPoints zeroPoints) {
        require(bits == 4 || bits == 8, "weights of " + bits + " bits are not supported; 4 and 8 are");
        require(isBlock(block), "blocks have 16, 32, 64, ... weights, not " + block);
        this.rows = rows;
        this.columns = columns;
        this.bits = bits;
        this.block = block;
        long bytes = (long) rows * blocks() * blob();
        require(
                data.type() == ElementType.UINT8 && data.count() == bytes,
                "a matrix of " + rows + " x " + columns + " has " + bytes + " bytes here, not " + data.count());
        this.data = data.viewed(ElementType.UINT8, rows, blocks(), blob());
        this.scales = scales;
        this.scaleValues = scales.data().asFloatBuffer();
        this.zeroPoints = zeroPoints;
        requireScales();
    }

    /**
     * The weights of a MatMulNBits, as a model or this class calls it.
     *
     * @throws GraphRefusedException if the call's inputs do not fit its attributes, or a value is out of range
     */
    public static BlockQuantized of(Call product, Graph graph) {
        require(!product.has(4), "an order of weights (g_idx) is not supported; quantise without act_order");
        int bits = (int) product.attributes().integerOr("bits", 4);
        int block = size(product, "block_size");
        int rows = size(product, "N");
        int columns = size(product, "K");
        int count = Math.multiplyExact(rows, blocks(columns, block));
        ZeroPoints zeroPoints = product.has(3)
                ? ZeroPoints.of(graph.stored(product.input(3)), bits, rows, count)
                : ZeroPoints.middle(bits, rows, count);
        Tensor scales = floats(graph.stored(product.input(2)));
        return new BlockQuantized(rows, columns, bits, block, graph.stored(product.input(1)), scales, zeroPoints);
    }

    /** A matrix whose rows are whole blocks. */
    static BlockQuantized of(int rows, int bits, int block, Tensor data, float[] scales, float[] zeroPoints) {
        int columns = scales.length / rows * block;
        return new BlockQuantized(
                rows,
                columns,
                bits,
                block,
                data,
                Tensor.ofFloats(scales, scales.length),
                ZeroPoints.of(bits, rows, zeroPoints));
    }

    /**
     * The table of a GatherBlockQuantized whose rows are in blocks, as a model or this class calls it.
     *
     * @throws GraphRefusedException if the call's inputs do not fit its attributes, or a value is out of range
     */
    static BlockQuantized ofTable(Call lookUp, Graph graph) {
        Tensor data = graph.stored(lookUp.input(0));
        int axes = data.shape().length;
        long along = Shapes.axis(lookUp.attributes().integerOr("quantize_axis", 1), axes);
        require(
                lookUp.attributes().integerOr("gather_axis", 0) == 0 && along == axes - 1 && axes >= 2,
                "only rows in blocks along them can be looked up");
        int bits = data.type() == ElementType.UINT8 ? (int) lookUp.attributes().integerOr("bits", 4) : 4;
        Tensor scales = floats(graph.stored(lookUp.input(2)));
        int rows = (int) data.shape()[0];
        Tensor bytes = Packed.unsigned(data);
        int columns = (int) ((long) bytes.count() * 8 / bits / rows);
        ZeroPoints zeroPoints = lookUp.has(3)
                ? ZeroPoints.ofFlat(Packed.unsigned(graph.stored(lookUp.input(3))), bits, rows, scales.count())
                : data.type() == ElementType.UINT4
                        ? ZeroPoints.of(bits, rows, new float[scales.count()])
                        : ZeroPoints.middle(bits, rows, scales.count());
        return new BlockQuantized(rows, columns, bits, size(lookUp, "block_size"), bytes, scales, zeroPoints);
    }

    /** Whether the fused product knows blocks of this size. */
    static boolean isBlock(int block) {
        return block >= BLOCK_MIN && Integer.bitCount(block) == 1;
    }

    int columnCount() {
        return columns;
    }

    /** x [..., columns] times the transposed matrix, by the fused kernel: the weights are never all dequantised. */
    Value product(Ops ops, Value x) {
        Graph graph = ops.graph();
        Attributes attributes = Attributes.none()
                .integer("K", columns)
                .integer("N", rows)
                .integer("bits", bits)
                .integer("block_size", block)
                .integer("accuracy_level", FLOAT32_ACCURACY);
        List<Value> inputs = new ArrayList<>(List.of(x, graph.constant(data), scales(graph, scales.count())));
        if (!zeroPoints.isMiddle()) {
            inputs.add(graph.constant(zeroPoints.packedRows()));
        }
        return graph.callAll(Node.MICROSOFT, "MatMulNBits", attributes, inputs).get(0);
    }

    /** Rows of the matrix as floats, [shape of indices..., columns]. */
    Value rows(Ops ops, Value indices) {
        Graph graph = ops.graph();
        require(zeroPoints.isWhole(), "an embedding with fractions as zero points is not supported");
        Attributes attributes = Attributes.none()
                .integer("gather_axis", 0)
                .integer("quantize_axis", 2)
                .integer("block_size", block)
                .integer("bits", bits);
        List<Value> inputs = List.of(
                graph.constant(data),
                indices,
                scales(graph, rows, blocks(), 1),
                graph.constant(zeroPoints.packedInBytes(rows, blocks(), 1)));
        Value found = graph.callAll(Node.MICROSOFT, "GatherBlockQuantized", attributes, inputs)
                .get(0);
        return exact(ops, ops.reshape(found, Shapes.join(indices.shape(), padded())));
    }

    /**
     * The matrix [rows, columns] as floats, for the way back: see {@link Dequantization}. (GatherBlockQuantized would do
     * without a second view of the weights, but takes seven times as long.)
     *
     * @param late a value of fractions before which it is not made
     */
    public Value matrix(Ops ops, Value late) {
        Graph graph = ops.graph();
        ElementType type = bits == 4 ? ElementType.UINT4 : ElementType.UINT8;
        Value quanta = graph.constant(data.viewed(type, rows, padded()));
        Value lateScales = ops.add(scales(graph, rows, blocks()), Dequantization.zero(ops, late));
        Value zeros = graph.constant(zeroPoints.packed(type, rows, blocks()));
        Attributes attributes = Attributes.none().integer("axis", 1).integer("block_size", block);
        Value found = graph.call("DequantizeLinear", attributes, quanta, lateScales, zeros);
        if (!zeroPoints.isWhole()) {
            Value inBlocks = ops.reshape(found, rows, blocks(), block);
            found = ops.reshape(ops.add(inBlocks, graph.constant(shifts())), rows, padded());
        }
        return exact(ops, found);
    }

    /** Without what fills up the last blocks. */
    private Value exact(Ops ops, Value rowsOfBlocks) {
        return ops.parts(rowsOfBlocks, columns, padded() - columns).get(0);
    }

    /** The matrix [rows, columns], computed now. */
    Tensor dequantized(ElementType real) {
        double[] values = new double[Math.multiplyExact(rows, columns)];
        for (int i = 0; i < values.length; i++) {
            int at = i / columns * blocks() + i % columns / block;
            values[i] = ((double) quantum(at, i % columns % block) - zeroPoints.value(at)) * scaleValues.get(at);
        }
        return Tensor.ofDoubles(values, rows, columns).as(real);
    }

    /** What the weights of each block lack where its zero point, a fraction, was rounded. */
    private Tensor shifts() {
        float[] shifts = new float[scales.count()];
        for (int i = 0; i < shifts.length; i++) {
            shifts[i] = (zeroPoints.rounded(i) - zeroPoints.value(i)) * scaleValues.get(i);
        }
        return Tensor.ofFloats(shifts, rows, blocks(), 1);
    }

    /** A scale of 0 is what quantizers give to a block of zeros; anywhere else it has lost the weights. */
    private void requireScales() {
        require(
                scales.count() == zeroPoints.count(),
                "expected " + zeroPoints.count() + " scales, one for each block, not " + scales.count());
        for (int at = 0; at < zeroPoints.count(); at++) {
            require(Float.isFinite(scaleValues.get(at)), "a scale is not finite");
            for (int i = 0; scaleValues.get(at) == 0 && i < block; i++) {
                require(quantum(at, i) == zeroPoints.value(at), "a scale is 0 for weights that are not");
            }
        }
    }

    private int quantum(int at, int i) {
        return Packed.read(data.data(), bits, (long) at * block + i);
    }

    private Value scales(Graph graph, long... shape) {
        return graph.constant(scales.viewed(ElementType.FLOAT, shape));
    }

    /** Scales in float32: those that are stay where they lie, half precision is converted once. */
    private static Tensor floats(Tensor scales) {
        require(scales.type().isReal(), "scales are of type " + scales.type());
        return scales.as(ElementType.FLOAT).viewed(ElementType.FLOAT, scales.count());
    }

    private int blocks() {
        return blocks(columns, block);
    }

    private long padded() {
        return (long) blocks() * block;
    }

    private int blob() {
        return block * bits / 8;
    }

    private static int blocks(int columns, int block) {
        return (columns + block - 1) / block;
    }

    private static int size(Call call, String name) {
        long size = call.attributes().integer(name);
        require(size >= 1 && size <= SIZE_MAX, name + " is " + size);
        return (int) size;
    }

    private static void require(boolean fits, String otherwise) {
        if (!fits) {
            throw new GraphRefusedException(otherwise);
        }
    }
}
