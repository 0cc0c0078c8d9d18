package dev.coppice.crypto.masking;

import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.ShareInbox;

/** A device that has shared its secrets and waits for the shares of its neighbours'. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedMethod", "UnusedVariable"})
public final class Shared implements AutoCloseable {
    public ShareBundle message() {
        throw new UnsupportedOperationException();
    }

    /**
     * Step R2: opens the neighbours' shares and masks the device's input with all of them.
     *
     * @param encoded {@link VerifiedTerms#paddedDimension()} values of which the low bits count; overwritten
     * @throws RoundRefusedException if a share is false or too few came; the secrets are wiped and the round is over
     * @throws IllegalStateException on a second call, or after close
     * @throws IllegalArgumentException if {@code encoded} has another length
     */
    public Masked mask(ShareInbox inbox, int[] encoded) throws RoundRefusedException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
