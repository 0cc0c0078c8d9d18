package dev.coppice.crypto.masking;

import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignatureRefusedException;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.codec.MessageMalformedException;
import dev.coppice.protocol.codec.Messages;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.RevealedShare.Secret;
import dev.coppice.protocol.round.Survivors;
import dev.coppice.protocol.round.Unmasking;
import java.util.BitSet;

/** A device that has masked its input and waits to hear who is in the sum. */
public final class Masked implements AutoCloseable {
    private final Once once = new Once();
    private final VerifiedTerms terms;
    private final Neighbourhood neighbourhood;
    private final HeldShares held;
    private final MaskedInput message;

    Masked(VerifiedTerms terms, Neighbourhood neighbourhood, HeldShares held, MaskedInput message) {
        this.terms = terms;
        this.neighbourhood = neighbourhood;
        this.held = held;
        this.message = message;
    }

    public MaskedInput message() {
        return message;
    }

    /**
     * Step R3: checks the survivors, and reveals for each neighbour one share: of its self mask if it is in the sum, of
     * its masking key if it dropped out, never both.
     *
     * @param survivors payload {@code Survivors}
     * @param server the pinned key that must have signed them
     * @throws RoundRefusedException if they break a rule; the shares are wiped and the round is over
     * @throws IllegalStateException on a second call, or after close
     */
    public Unmasked unmask(Signed survivors, VerifyingKey server) throws RoundRefusedException {
        once.use();
        try {
            Survivors stated = stated(survivors, server);
            int size = neighbourhood.parameters().size();
            BitSet shared = SurvivorRules.set(stated.getShared(), size);
            BitSet masked = SurvivorRules.set(stated.getMasked(), size);
            requireConsistent(shared, masked);
            SurvivorRules.check(neighbourhood.ring(), terms, masked);
            return new Unmasked(reveal(masked));
        } finally {
            close();
        }
    }

    private Survivors stated(Signed survivors, VerifyingKey server) throws RoundRefusedException {
        try {
            byte[] payload = SignedMessages.verified(survivors, server, Purpose.SURVIVORS);
            Survivors stated = Messages.parse(Survivors.parser(), payload, Limits.PAYLOAD_BYTES_MAX);
            if (stated.getRoundId().equals(terms.roundId())) {
                return stated;
            }
            throw new RoundRefusedException(Rule.SURVIVORS_UNSIGNED, "about another round");
        } catch (SignatureRefusedException | MessageMalformedException refused) {
            throw new RoundRefusedException(Rule.SURVIVORS_UNSIGNED, "not the pinned server's statement");
        }
    }

    private void requireConsistent(BitSet shared, BitSet masked) throws RoundRefusedException {
        int own = neighbourhood.ownIndex();
        if (!masked.get(own)) {
            throw new RoundRefusedException(Rule.SURVIVORS_INCONSISTENT, "this device is missing");
        }
        BitSet strangers = (BitSet) masked.clone();
        strangers.andNot(shared);
        if (!strangers.isEmpty()) {
            throw new RoundRefusedException(Rule.SURVIVORS_INCONSISTENT, "not a subset of those who shared");
        }
        for (int neighbour : neighbourhood.members().keySet()) {
            if (shared.get(neighbour) != held.senders().contains(neighbour)) {
                throw new RoundRefusedException(Rule.SURVIVORS_INCONSISTENT, "who shared was told differently before");
            }
        }
    }

    private Unmasking reveal(BitSet masked) {
        Unmasking.Builder unmasking = Unmasking.newBuilder().setRoundId(terms.roundId());
        for (int owner : held.senders()) {
            Secret secret = masked.get(owner) ? Secret.SELF_MASK : Secret.MASKING_KEY;
            held.findRevealed(owner, secret).ifPresent(unmasking::addShares);
        }
        return unmasking.build();
    }

    @Override
    public void close() {
        once.close();
        held.close();
    }
}
