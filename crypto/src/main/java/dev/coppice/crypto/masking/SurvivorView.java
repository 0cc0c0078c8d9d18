package dev.coppice.crypto.masking;

import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignatureRefusedException;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Limits;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.codec.MessageMalformedException;
import dev.coppice.protocol.codec.Messages;
import dev.coppice.protocol.round.Survivors;
import java.util.BitSet;
import java.util.Set;

/** Who is in the sum, as the server told one device, and as far as that device can check it alone. */
final class SurvivorView {
    private final BitSet masked;
    private final byte[] hash;

    private SurvivorView(BitSet masked, byte[] hash) {
        this.masked = masked;
        this.hash = hash;
    }

    /**
     * The survivors that the server signed.
     *
     * @param senders neighbours whose shares this device holds
     * @throws RoundRefusedException if they are not signed, contradict what the device saw, or break {@link SurvivorRules}
     */
    static SurvivorView verified(
            DeviceRound round, Neighbourhood neighbourhood, Set<Integer> senders, Signed survivors, VerifyingKey server)
            throws RoundRefusedException {
        Survivors stated = stated(round.terms(), survivors, server);
        int size = neighbourhood.cohortSize();
        BitSet shared = SurvivorRules.set(stated.getShared(), size);
        BitSet masked = SurvivorRules.set(stated.getMasked(), size);
        requireConsistent(neighbourhood, senders, shared, masked);
        SurvivorRules.check(neighbourhood.ring(), round.terms(), masked);
        return new SurvivorView(masked, hash(survivors));
    }

    /** What of a statement is attested. */
    static byte[] hash(Signed survivors) {
        return Sha256.hash(survivors.getPayload().toByteArray());
    }

    private static Survivors stated(VerifiedTerms terms, Signed survivors, VerifyingKey server)
            throws RoundRefusedException {
        try {
            byte[] payload = SignedMessages.verified(survivors, server, Purpose.SURVIVORS);
            Survivors stated = Messages.parse(Survivors.parser(), payload, Limits.PAYLOAD_BYTES_MAX);
            if (stated.getRoundId().equals(terms.roundId())) {
                return stated;
            }
            throw new RoundRefusedException(Rule.SURVIVORS_UNSIGNED, "about another round");
        } catch (SignatureRefusedException | MessageMalformedException unsigned) {
            throw new RoundRefusedException(Rule.SURVIVORS_UNSIGNED, "not the pinned server's statement");
        }
    }

    private static void requireConsistent(
            Neighbourhood neighbourhood, Set<Integer> senders, BitSet shared, BitSet masked)
            throws RoundRefusedException {
        if (!masked.get(neighbourhood.ownIndex())) {
            throw new RoundRefusedException(Rule.SURVIVORS_INCONSISTENT, "this device is missing");
        }
        BitSet strangers = (BitSet) masked.clone();
        strangers.andNot(shared);
        if (!strangers.isEmpty()) {
            throw new RoundRefusedException(Rule.SURVIVORS_INCONSISTENT, "not a subset of those who shared");
        }
        for (int neighbour : neighbourhood.members().keySet()) {
            if (shared.get(neighbour) != senders.contains(neighbour)) {
                throw new RoundRefusedException(Rule.SURVIVORS_INCONSISTENT, "who shared was told differently before");
            }
        }
    }

    boolean isMasked(int index) {
        return masked.get(index);
    }

    /** A copy. */
    BitSet masked() {
        return (BitSet) masked.clone();
    }

    /** Of the signed statement: the same for two devices only if they were told the same. */
    byte[] hash() {
        return hash.clone();
    }
}
