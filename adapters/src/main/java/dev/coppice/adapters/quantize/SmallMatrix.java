package dev.coppice.adapters.quantize;

import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Packed;
import dev.coppice.adapters.onnx.Tensor;
import java.nio.ByteBuffer;
import java.util.Optional;

/** A quantised matrix as tensors of a model. */
final class SmallMatrix {
    private final Tensor weights;
    private final Tensor scales;
    private final Optional<Tensor> zeroPoints;

    private SmallMatrix(Tensor weights, Tensor scales, Optional<Tensor> zeroPoints) {
        this.weights = weights;
        this.scales = scales;
        this.zeroPoints = zeroPoints;
    }

    /**
     * As MatMulNBits has it: [out, blocks, bytes], scales [out * blocks] of the type that the weights had, zero points in
     * whole bytes a row.
     */
    static SmallMatrix inBlocks(FloatMatrix matrix, QuantizeSpec spec) {
        int block = spec.block();
        int bits = spec.bits();
        int blocks = (matrix.in() + block - 1) / block;
        int zerosPerRow = (blocks * bits + 7) / 8;
        byte[] weights = new byte[Math.multiplyExact(matrix.out() * blocks, block * bits / 8)];
        byte[] zeros = new byte[matrix.out() * zerosPerRow];
        double[] scales = new double[matrix.out() * blocks];
        boolean half = matrix.type() == ElementType.FLOAT16;
        for (int row = 0; row < matrix.out(); row++) {
            for (int b = 0; b < blocks; b++) {
                int end = Math.min(matrix.in(), (b + 1) * block);
                Grid exact = matrix.grid(spec, row, b * block, end);
                Grid grid = half ? exact.inHalfPrecision() : exact;
                int at = row * blocks + b;
                scales[at] = grid.scale();
                Packed.write(zeros, bits, row * (long) zerosPerRow * 8 / bits + b, grid.zeroPoint());
                for (int i = 0; i < block; i++) {
                    int column = b * block + i;
                    int q = column < end ? grid.nearest(matrix.at(row, column)) : grid.zeroPoint();
                    Packed.write(weights, bits, (long) at * block + i, q);
                }
            }
        }
        return new SmallMatrix(
                bytes(ElementType.UINT8, weights, matrix.out(), blocks, block * bits / 8),
                Tensor.ofReals(matrix.type(), scales, scales.length),
                spec.symmetric() ? Optional.empty() : Optional.of(bytes(ElementType.UINT8, zeros, zeros.length)));
    }

    /** As DequantizeLinear has it along axis 0: int8 [out, in], one scale for each output. */
    static SmallMatrix byOutput(FloatMatrix matrix, QuantizeSpec spec) {
        int out = matrix.out();
        int in = matrix.in();
        byte[] weights = new byte[Math.multiplyExact(out, in)];
        byte[] zeros = new byte[out];
        float[] scales = new float[out];
        for (int row = 0; row < out; row++) {
            Grid grid = matrix.grid(spec, row, 0, in);
            scales[row] = grid.scale();
            zeros[row] = (byte) (grid.zeroPoint() - 128);
            for (int column = 0; column < in; column++) {
                weights[row * in + column] = (byte) (grid.nearest(matrix.at(row, column)) - 128);
            }
        }
        return new SmallMatrix(
                bytes(ElementType.INT8, weights, out, in),
                Tensor.ofFloats(scales, out),
                spec.symmetric() ? Optional.empty() : Optional.of(bytes(ElementType.INT8, zeros, out)));
    }

    Tensor weights() {
        return weights;
    }

    Tensor scales() {
        return scales;
    }

    /** Where 0 is; the middle of the range if there are none. */
    Optional<Tensor> findZeroPoints() {
        return zeroPoints;
    }

    private static Tensor bytes(ElementType type, byte[] values, long... shape) {
        return Tensor.ofData(type, ByteBuffer.wrap(values), shape);
    }
}
