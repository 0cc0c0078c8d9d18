package dev.coppice.adapters.transfer;

import dev.coppice.adapters.AdapterWeights;
import java.util.Optional;

/**
 * The content coding {@value #NAME}: files of skill packs for the way, as short as their values allow. Of a safetensors file of
 * float32, values that lie on a grid are written as indices, less those of another file that both sides have, if there is one:
 * the pack before, or the adapter that training began from. What is left goes through DEFLATE, as other files do whole.
 *
 * <p>Decoding gives back the same bytes. It believes nothing, and takes no more memory than some four times the length that is
 * expected; whether the bytes are the right ones, their hash says.
 *
 * <p>Numbers are big-endian: {@code CPK1}, length of what stands before the values (4 bytes), number of stretches (4), for each
 * its kind (1), step (4) and count (4), and then four parts, each with its length (4): what stands before the values, low and
 * high bytes of the indices (zigzag, so that small ones of either sign are small), and plain values (little-endian).
 */
public final class PackCoding {
    /** As HTTP's {@code Content-Encoding} names it. */
    public static final String NAME = "x-coppice-pack";

    /** Coarsest step of a grid, in root mean squares of a tensor: 3.6 bits a value. */
    public static final double STEP_MAX = 0.35;

    /** Finest: twelve bits a value. */
    public static final double STEP_MIN = 0.001;

    /** From so many values on, the coarsest. */
    private static final int LARGE = 1_000_000;

    static final int MAGIC = 0x43504B31;
    static final int STRETCHES_MAX = 10_000;

    private PackCoding() {}

    /**
     * Rounds each tensor to a grid, so that it is short in this coding: the coarser, the larger the adapter is. One of a
     * million values or more comes to 3.6 bits a value; a small one loses nothing to speak of. What cannot be rounded that way
     * (all zeros, values of wildly different sizes) stays as it is.
     */
    public static AdapterWeights coarse(AdapterWeights weights) {
        double share = Math.min(1, (double) weights.layout().count() / LARGE);
        return coarse(weights, Math.max(STEP_MIN, STEP_MAX * share));
    }

    /**
     * Rounds to another grid.
     *
     * @param step in root mean squares of each tensor, above 0
     */
    public static AdapterWeights coarse(AdapterWeights weights, double step) {
        return CoarseGrid.round(weights, step);
    }

    /**
     * A file, encoded.
     *
     * @param other what whoever decodes has too; any file at all
     */
    public static byte[] encode(byte[] file, Optional<byte[]> other) {
        return new Encoder(Tensors.in(file), other.map(Tensors::in)).encode();
    }

    /**
     * The file that was encoded, or another one of this length if somebody meddled with it.
     *
     * @param other the one that was at hand when it was encoded
     * @param length of the file, in bytes
     * @throws CodingRefusedException if it is not the encoding of a file of this length
     */
    public static byte[] decode(byte[] encoded, Optional<byte[]> other, int length) throws CodingRefusedException {
        return Decoder.read(encoded, length).decode(other.map(Tensors::in));
    }
}
