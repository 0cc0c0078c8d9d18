package dev.coppice.adapters.lora;

import dev.coppice.adapters.TensorSpec;
import dev.coppice.crypto.Sha256;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The A factor that training starts from, and stays at where A is frozen: uniform in (-1/sqrt(in), 1/sqrt(in)) as in
 * PEFT, drawn from SHA-256(seed, block number, tensor name). The same on every machine.
 */
public final class InitialFactor {
    private static final int VALUES_PER_BLOCK = 8;
    private static final int HALF_RANGE = 1 << 23;

    private InitialFactor() {}

    /**
     * Values of one A factor.
     *
     * @param tensor its name and its shape [rank, in]
     * @return rank * in values, row-major
     */
    public static float[] values(long seed, TensorSpec tensor) {
        double bound = 1 / Math.sqrt(tensor.shape().get(1));
        byte[] name = tensor.name().getBytes(StandardCharsets.UTF_8);
        float[] values = new float[tensor.count()];
        ByteBuffer block = ByteBuffer.allocate(0);
        for (int i = 0; i < values.length; i++) {
            if (i % VALUES_PER_BLOCK == 0) {
                block = block(seed, name, i / VALUES_PER_BLOCK);
            }
            int drawn = (block.getInt() >>> 8) - HALF_RANGE;
            values[i] = (float) (bound * (drawn + 0.5) / HALF_RANGE);
        }
        return values;
    }

    private static ByteBuffer block(long seed, byte[] name, long number) {
        ByteBuffer message = ByteBuffer.allocate(2 * Long.BYTES + name.length);
        message.putLong(seed).putLong(number).put(name);
        return ByteBuffer.wrap(Sha256.hash(message.array()));
    }
}
