package dev.coppice.crypto.masking;

import dev.coppice.crypto.internal.BitPacking;
import dev.coppice.crypto.internal.PackedSums;
import dev.coppice.protocol.round.MaskedInput;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The running sum of masked inputs, {@code 2^bits} being zero. For one thread at a time. */
public final class MaskedSum {
    private final String roundId;
    private final int bits;
    private final int[] sum;
    private int count;

    public MaskedSum(VerifiedTerms terms) {
        this(terms.roundId(), terms.bits(), terms.paddedDimension());
    }

    /** A sum of nothing, where the round's terms are not at hand. */
    public MaskedSum(String roundId, int bits, int paddedDimension) {
        this.roundId = roundId;
        this.bits = bits;
        this.sum = new int[paddedDimension];
    }

    /**
     * A sum to go on from.
     *
     * @param values as {@link #toBytes} gave them
     * @param count of the inputs in it
     */
    public static MaskedSum of(String roundId, int bits, ByteBuffer values, int count) {
        MaskedSum sum = new MaskedSum(roundId, bits, values.remaining() / Integer.BYTES);
        values.order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(sum.sum);
        sum.count = count;
        return sum;
    }

    /**
     * Checks one input without adding it, as when it comes in.
     *
     * @throws MessageRefusedException if it is of another round or another length
     */
    public static void check(VerifiedTerms terms, MaskedInput input) throws MessageRefusedException {
        check(input, terms.roundId(), BitPacking.packedBytes(terms.paddedDimension(), terms.bits()));
    }

    /**
     * Adds one input. That a device is added once is the caller's to see to.
     *
     * @throws MessageRefusedException if it is of another round or another length; the sum is unchanged then
     */
    public void add(MaskedInput input) throws MessageRefusedException {
        check(input, roundId, BitPacking.packedBytes(sum.length, bits));
        BitPacking.addTo(sum, input.getPacked().toByteArray(), bits);
        count++;
    }

    /**
     * Adds several inputs, which is the faster the more they are.
     *
     * @throws MessageRefusedException if one is of another round or another length; the sum is unchanged then
     */
    public void add(List<MaskedInput> inputs) throws MessageRefusedException {
        for (MaskedInput input : inputs) {
            check(input, roundId, BitPacking.packedBytes(sum.length, bits));
        }
        PackedSums.addTo(
                sum,
                inputs.stream()
                        .map(input -> input.getPacked().asReadOnlyByteBuffer())
                        .toList(),
                bits);
        count += inputs.size();
    }

    /**
     * Adds the inputs that are in another sum.
     *
     * @throws IllegalArgumentException if it is of another round or another length
     */
    public void add(MaskedSum other) {
        if (!other.roundId.equals(roundId) || other.bits != bits || other.sum.length != sum.length) {
            throw new IllegalArgumentException("A sum of another round or length");
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] += other.sum[i];
        }
        count += other.count;
    }

    /** The values, each as a little-endian int of 4 bytes. */
    public byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(sum.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(sum);
        return bytes.array();
    }

    /** Bits of a value. */
    public int bits() {
        return bits;
    }

    /** Inputs added so far. */
    public int count() {
        return count;
    }

    /** A copy of the sum, each value modulo 2^32. */
    int[] values() {
        return sum.clone();
    }

    private static void check(MaskedInput input, String roundId, int packedBytes) throws MessageRefusedException {
        if (!input.getRoundId().equals(roundId) || input.getPacked().size() != packedBytes) {
            throw new MessageRefusedException("A masked input of another round or length");
        }
    }
}
