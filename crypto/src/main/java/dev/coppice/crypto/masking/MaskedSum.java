package dev.coppice.crypto.masking;

import dev.coppice.protocol.round.MaskedInput;

/** The running sum of masked inputs, {@code 2^bits} being zero. For one thread at a time. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedMethod", "UnusedVariable"})
public final class MaskedSum {
    public MaskedSum(VerifiedTerms terms) {}

    /**
     * Adds one input. That a device is added once is the caller's to see to.
     *
     * @throws MessageRefusedException if it is of another round or another length; the sum is unchanged then
     */
    public void add(MaskedInput input) throws MessageRefusedException {
        throw new UnsupportedOperationException();
    }

    /** Inputs added so far. */
    public int count() {
        throw new UnsupportedOperationException();
    }
}
