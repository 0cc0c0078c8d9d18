package dev.coppice.crypto.masking;

import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.MaskedInput;

/** A device that has masked its input and waits to hear who is in the sum. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedMethod", "UnusedVariable"})
public final class Masked implements AutoCloseable {
    public MaskedInput message() {
        throw new UnsupportedOperationException();
    }

    /**
     * Step R3: checks the survivors, and reveals for each neighbour one share: of its self mask if it is in the sum, of
     * its masking key if it dropped out, never both.
     *
     * @param survivors payload {@code Survivors}
     * @param server the pinned key that must have signed them
     * @throws RoundRefusedException if they break a rule; the secrets are wiped and the round is over
     * @throws IllegalStateException on a second call, or after close
     */
    public Unmasked unmask(Signed survivors, VerifyingKey server) throws RoundRefusedException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
