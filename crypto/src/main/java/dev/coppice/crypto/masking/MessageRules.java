package dev.coppice.crypto.masking;

import dev.coppice.crypto.internal.Shamir;
import dev.coppice.crypto.sealing.SealingKey;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.RevealedShare;
import dev.coppice.protocol.round.RevealedShare.Secret;
import dev.coppice.protocol.round.SealedShare;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Unmasking;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the server checks of the messages of steps R1, R3 and R4, so that one device cannot spoil another's round. */
final class MessageRules {
    private static final int SEALED_BYTES = SharePair.BYTES + SealingKey.OVERHEAD_BYTES;

    private MessageRules() {}

    static void check(Cohort cohort, int sender, ShareBundle message) throws MessageRefusedException {
        require(message.getRoundId().equals(cohort.terms().roundId()), "shares of another round");
        List<Integer> recipients =
                message.getSharesList().stream().map(SealedShare::getRecipient).toList();
        require(recipients.equals(cohort.neighbours(sender)), "not one share for each neighbour");
        VerifyingKey key = cohort.member(sender).credential().key();
        for (SealedShare share : message.getSharesList()) {
            byte[] sealed = share.getSealed().toByteArray();
            byte[] signed = cohort.context().signedShare(sender, share.getRecipient(), sealed);
            require(share.getSender() == sender && sealed.length == SEALED_BYTES, "a malformed share");
            require(
                    key.verifies(
                            Purpose.SEALED_SHARE, signed, share.getSignature().toByteArray()),
                    "a share without its sender's signature");
        }
    }

    static void check(Cohort cohort, Signed survivors, int sender, Attestation message) throws MessageRefusedException {
        require(message.getRoundId().equals(cohort.terms().roundId()), "an attestation of another round");
        byte[] attested = cohort.context().attested(sender, SurvivorView.hash(survivors));
        VerifyingKey key = cohort.member(sender).credential().key();
        require(
                key.verifies(
                        Purpose.ATTESTATION, attested, message.getSignature().toByteArray()),
                "an attestation of other survivors");
    }

    static void check(Cohort cohort, SurvivorSets survivors, int sender, Unmasking message)
            throws MessageRefusedException {
        require(message.getRoundId().equals(cohort.terms().roundId()), "an unmasking of another round");
        require(survivors.masked().get(sender), "an unmasking by a device that is not in the sum");
        Set<Integer> neighbours = new HashSet<>(cohort.neighbours(sender));
        int previous = -1;
        for (RevealedShare share : message.getSharesList()) {
            int owner = share.getOwner();
            boolean due = neighbours.contains(owner) && survivors.shared().get(owner) && owner > previous;
            Secret secret = survivors.masked().get(Math.max(owner, 0)) ? Secret.SELF_MASK : Secret.MASKING_KEY;
            require(due && share.getSecret() == secret, "a share that is not due");
            require(Shamir.isShare(share.getShare().toByteArray()), "a malformed share");
            previous = owner;
        }
    }

    private static void require(boolean kept, String otherwise) throws MessageRefusedException {
        if (!kept) {
            throw new MessageRefusedException("There is " + otherwise);
        }
    }
}
