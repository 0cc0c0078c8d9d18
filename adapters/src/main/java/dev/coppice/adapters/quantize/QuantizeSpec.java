package dev.coppice.adapters.quantize;

/**
 * How weights become small.
 *
 * @param bits 8: one scale for each output of a product (ONNX's DequantizeLinear); 4: one scale for each block (ONNX
 *     Runtime's MatMulNBits)
 * @param block weights of a block where bits is 4: 16, 32, 64, 128 or 256
 * @param symmetric whether 0 is always the middle of the range; else each scale has a zero point that fits its weights
 * @param head whether the last product, which makes logits, becomes small as well
 */
public record QuantizeSpec(int bits, int block, boolean symmetric, boolean head) {
    private static final int BLOCK_MIN = 16;
    private static final int BLOCK_MAX = 256;

    /** @throws IllegalArgumentException if a value is out of range */
    public QuantizeSpec {
        if (bits != 8 && bits != 4) {
            throw new IllegalArgumentException("weights become 8 or 4 bits, not " + bits);
        }
        if (block < BLOCK_MIN || block > BLOCK_MAX || Integer.bitCount(block) != 1) {
            throw new IllegalArgumentException("a block has 16, 32, 64, 128 or 256 weights, not " + block);
        }
    }
}
