package dev.coppice.crypto.masking;

import dev.coppice.crypto.internal.BitPacking;
import dev.coppice.protocol.round.MaskedInput;

/** The running sum of masked inputs, {@code 2^bits} being zero. For one thread at a time. */
public final class MaskedSum {
    private final String roundId;
    private final int bits;
    private final int[] sum;
    private int count;

    public MaskedSum(VerifiedTerms terms) {
        roundId = terms.roundId();
        bits = terms.bits();
        sum = new int[terms.paddedDimension()];
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
