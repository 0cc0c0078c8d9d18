package dev.coppice.crypto.masking;

import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Roster;

/** A device that has shown its keys of the round and waits for its neighbours'. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedMethod", "UnusedVariable"})
public final class Advertised implements AutoCloseable {
    public Advertisement message() {
        throw new UnsupportedOperationException();
    }

    /**
     * Step R1: checks the neighbours, and seals for each one its shares of this device's secrets.
     *
     * @throws RoundRefusedException if the roster breaks a rule; the secrets are wiped and the round is over
     * @throws IllegalStateException on a second call, or after close
     */
    public Shared share(Roster roster) throws RoundRefusedException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
