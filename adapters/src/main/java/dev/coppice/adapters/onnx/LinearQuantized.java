package dev.coppice.adapters.onnx;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * A frozen tensor of whole numbers as ONNX's DequantizeLinear has it: one scale for all, for each place along an axis, or
 * for each block along an axis. Checked when it is made; immutable.
 */
final class LinearQuantized {
    private final Tensor quanta;
    private final float[] scales;
    private final long[] zeroPoints;
    private final int axis;
    private final int block;

    private LinearQuantized(Tensor quanta, float[] scales, long[] zeroPoints, int axis, int block) {
        this.quanta = quanta;
        this.scales = scales;
        this.zeroPoints = zeroPoints;
        this.axis = axis;
        this.block = block;
    }

    /**
     * The weights of a DequantizeLinear.
     *
     * @throws GraphRefusedException if they are computed, or their scales and zero points do not fit
     */
    static LinearQuantized of(Call call, Graph graph) {
        require(
                graph.isStored(call.input(0)) && graph.isStored(call.input(1)),
                "what is dequantised is computed from data; quantise weights only, not activations");
        Tensor quanta = graph.stored(call.input(0));
        Tensor scale = graph.stored(call.input(1));
        int block = (int) call.attributes().integerOr("block_size", 0);
        boolean one = scale.count() == 1 && block == 0;
        int axis = one ? 0 : Shapes.axis(call.attributes().integerOr("axis", 1), quanta.shape().length);
        require(
                one || Arrays.equals(scale.shape(), scaleShape(quanta.shape(), axis, block)),
                "scales of another shape");
        float[] scales = scale.as(ElementType.FLOAT).toFloats();
        long[] zeroPoints = new long[scales.length];
        if (call.has(2)) {
            Tensor given = graph.stored(call.input(2));
            require(
                    given.type() == quanta.type() && given.count() == scales.length,
                    "the zero points are not of the weights' type, or not as many as scales");
            zeroPoints = given.toLongs();
        }
        LinearQuantized weights = new LinearQuantized(quanta, scales, zeroPoints, axis, block);
        weights.requireScales();
        return weights;
    }

    /** Whether it is a matrix, which ONNX Runtime dequantises as it runs. */
    boolean isMatrix() {
        return quanta.shape().length == 2 && quanta.type() != ElementType.INT32;
    }

    /** Whether it is a matrix in blocks, as the fused product has them, that fill an axis. */
    boolean isInBlocksAlong(int blockAxis) {
        return isMatrix() && BlockQuantized.isBlock(block) && axis == blockAxis && quanta.shape()[axis] % block == 0;
    }

    /** The matrix with its blocks along rows: as it is, or transposed if they lie along axis 0. */
    BlockQuantized blocks() {
        int bits = quanta.type() == ElementType.INT4 || quanta.type() == ElementType.UINT4 ? 4 : 8;
        int shift = quanta.type() == ElementType.INT4 || quanta.type() == ElementType.INT8 ? 1 << (bits - 1) : 0;
        int rows = (int) quanta.shape()[1 - axis];
        int columns = (int) quanta.shape()[axis];
        long[] all = quanta.toLongs();
        byte[] packed = new byte[all.length * bits / 8];
        float[] blockScales = new float[scales.length];
        float[] blockZeros = new float[scales.length];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int from = axis == 1 ? row * columns + column : column * rows + row;
                int to = row * columns + column;
                Packed.write(packed, bits, to, (int) all[from] + shift);
                blockScales[to / block] = scales[scaleOf(from)];
                blockZeros[to / block] = zeroPoints[scaleOf(from)] + shift;
            }
        }
        Tensor data = Tensor.ofData(ElementType.UINT8, ByteBuffer.wrap(packed), packed.length);
        return BlockQuantized.of(rows, bits, block, data, blockScales, blockZeros);
    }

    /** The tensor, computed now. */
    Tensor dequantized(ElementType real) {
        long[] all = quanta.toLongs();
        double[] values = new double[all.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (double) (all[i] - zeroPoints[scaleOf(i)]) * scales[scaleOf(i)];
        }
        return Tensor.ofDoubles(values, quanta.shape()).as(real);
    }

    private int scaleOf(int i) {
        if (scales.length == 1) {
            return 0;
        }
        long[] shape = quanta.shape();
        int inner = (int) Shapes.count(Shapes.part(shape, axis + 1, shape.length));
        int along = (int) shape[axis];
        int place = i / inner % along;
        if (block == 0) {
            return place;
        }
        int blocks = (along + block - 1) / block;
        return i / inner / along * blocks * inner + place / block * inner + i % inner;
    }

    /** A scale of 0 is what quantizers give to weights of 0; anywhere else it has lost them. */
    private void requireScales() {
        boolean anyZero = false;
        for (float scale : scales) {
            require(Float.isFinite(scale), "a scale is not finite");
            anyZero |= scale == 0;
        }
        long[] all = anyZero ? quanta.toLongs() : new long[0];
        for (int i = 0; i < all.length; i++) {
            require(
                    scales[scaleOf(i)] != 0 || all[i] == zeroPoints[scaleOf(i)],
                    "a scale is 0 for weights that are not");
        }
    }

    private static long[] scaleShape(long[] shape, int axis, int block) {
        if (block == 0) {
            return new long[] {shape[axis]};
        }
        require(block > 0, "a block has " + block + " weights");
        return Shapes.with(shape, axis, (shape[axis] + block - 1) / block);
    }

    private static void require(boolean fits, String otherwise) {
        if (!fits) {
            throw new GraphRefusedException(otherwise);
        }
    }
}
