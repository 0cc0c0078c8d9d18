package dev.coppice.crypto.masking;

import dev.coppice.crypto.internal.Shamir;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.Complaint;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.RevealedShare;
import dev.coppice.protocol.round.RevealedShare.Secret;
import dev.coppice.protocol.round.SealedShare;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Unmasking;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the server checks of the messages of each step but the first, so that one device cannot spoil another's round. */
final class MessageRules {
    private MessageRules() {}

    static void check(ClosedCohort cohort, int sender, NonceOpening message) throws MessageRefusedException {
        require(message.getRoundId().equals(cohort.terms().roundId()), "a nonce of another round");
        require(cohort.contributes(sender), "a nonce of a device that does not contribute");
        VerifiedMember member = cohort.member(sender);
        boolean opens = VerifiedMember.opens(
                Reckoning.EACH_TIME,
                cohort.terms().hash(),
                cohort.tree().root(),
                member.credential(),
                member.advertisement(),
                message.getNonce().toByteArray(),
                message.getSignature().toByteArray());
        require(opens, "a nonce that its sender is not bound to");
    }

    static void check(Cohort cohort, int sender, ShareBundle message) throws MessageRefusedException {
        require(message.getRoundId().equals(cohort.terms().roundId()), "shares of another round");
        List<Integer> recipients =
                message.getSharesList().stream().map(SealedShare::getRecipient).toList();
        require(recipients.equals(cohort.neighbours(sender)), "not one share for each neighbour");
        for (SealedShare share : message.getSharesList()) {
            check(cohort, sender, share);
        }
        byte[] signed = cohort.context().signedShares(sender, message.getSharesList());
        require(
                cohort.member(sender)
                        .credential()
                        .key()
                        .verifies(
                                Purpose.SHARE_BUNDLE,
                                signed,
                                message.getSignature().toByteArray()),
                "shares without their sender's signature");
    }

    private static void check(Cohort cohort, int sender, SealedShare share) throws MessageRefusedException {
        int recipient = share.getRecipient();
        ShareForm form = ShareForm.of(cohort.terms(), sender, recipient);
        require(share.getSealed().size() == form.sealedBytes(), "a malformed share");
        require(share.getCommitments().size() == form.commitmentsBytes(), "a malformed commitment");
        require(
                share.getSealCiphertext().size() == form.sealCiphertextBytes()
                        && share.getMaskCiphertext().size() == form.maskCiphertextBytes(),
                "a malformed ciphertext");
        byte[] ciphertext = share.getMaskCiphertext().toByteArray();
        byte[] commitments = share.getCommitments().toByteArray();
        require(
                Commitments.fitMask(cohort.context(), sender, recipient, ciphertext, commitments),
                "a ciphertext that its sender did not commit to");
    }

    static void check(Cohort cohort, Signed survivors, int sender, Attestation message) throws MessageRefusedException {
        require(message.getRoundId().equals(cohort.terms().roundId()), "an attestation of another round");
        require(
                SurvivorSets.of(cohort, survivors).masked().get(sender),
                "an attestation by a device that is in no sum");
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
        checkComplaints(neighbours, survivors, message);
    }

    /** Of no device is there both a share and a complaint. */
    private static void checkComplaints(Set<Integer> neighbours, SurvivorSets survivors, Unmasking message)
            throws MessageRefusedException {
        Set<Integer> owners = new HashSet<>();
        message.getSharesList().forEach(share -> owners.add(share.getOwner()));
        for (Complaint complaint : message.getComplaintsList()) {
            int owner = complaint.getOwner();
            boolean due = neighbours.contains(owner) && survivors.shared().get(owner) && owners.add(owner);
            require(due && complaint.getKey().size() == ShareSeal.KEY_BYTES, "a complaint that is not due");
        }
    }

    private static void require(boolean kept, String otherwise) throws MessageRefusedException {
        if (!kept) {
            throw new MessageRefusedException("There is " + otherwise);
        }
    }
}
