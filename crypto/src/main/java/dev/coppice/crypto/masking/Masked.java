package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.MaskedInput;

/** A device that has masked its input and waits to hear who is in the sum. */
public final class Masked implements AutoCloseable {
    private final Once once = new Once();
    private final DeviceRound round;
    private final Neighbourhood neighbourhood;
    private final HeldShares held;
    private final MaskedInput message;
    private boolean passedOn;

    Masked(DeviceRound round, Neighbourhood neighbourhood, HeldShares held, MaskedInput message) {
        this.round = round;
        this.neighbourhood = neighbourhood;
        this.held = held;
        this.message = message;
    }

    public MaskedInput message() {
        return message;
    }

    /**
     * Step R3: checks the survivors, and signs them, so that others can see that they were told the same.
     *
     * @param survivors payload {@code Survivors}
     * @param server the pinned key that must have signed them
     * @throws RoundRefusedException if they break a rule; the shares are wiped and the round is over
     * @throws IllegalStateException on a second call, or after close
     */
    public Attested attest(Signed survivors, VerifyingKey server) throws RoundRefusedException {
        once.use();
        try {
            SurvivorView view = SurvivorView.verified(round, neighbourhood, held.senders(), survivors, server);
            Attested attested = new Attested(round, neighbourhood, held, view, signed(view));
            passedOn = true;
            return attested;
        } finally {
            close();
        }
    }

    private Attestation signed(SurvivorView view) {
        byte[] attested = neighbourhood.context().attested(neighbourhood.ownIndex(), view.hash());
        return Attestation.newBuilder()
                .setRoundId(round.terms().roundId())
                .setSignature(ByteString.copyFrom(round.member().key().sign(Purpose.ATTESTATION, attested)))
                .build();
    }

    /** Wipes the shares, unless the next step has them. */
    @Override
    public void close() {
        once.close();
        if (!passedOn) {
            held.close();
        }
    }
}
