package dev.coppice.crypto.masking;

import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.round.AttestationRoll;
import dev.coppice.protocol.round.Opening;
import dev.coppice.protocol.round.Openings;
import dev.coppice.protocol.round.RevealedShare.Secret;
import dev.coppice.protocol.round.Sample;
import dev.coppice.protocol.round.Unmasking;
import java.util.SortedMap;
import java.util.TreeMap;

/** A device that has drawn whose attestations it wants to see. */
public final class Sampling implements AutoCloseable {
    private final Once once = new Once();
    private final DeviceRound round;
    private final Neighbourhood neighbourhood;
    private final HeldShares held;
    private final SurvivorView view;
    private final AttestationRoll roll;
    private final Sample message;

    Sampling(
            DeviceRound round,
            Neighbourhood neighbourhood,
            HeldShares held,
            SurvivorView view,
            AttestationRoll roll,
            Sample message) {
        this.round = round;
        this.neighbourhood = neighbourhood;
        this.held = held;
        this.view = view;
        this.roll = roll;
        this.message = message;
    }

    public Sample message() {
        return message;
    }

    /**
     * Step R4: checks that the devices drawn attested the same survivors, and reveals for each neighbour one share: of its
     * self mask if it is in the sum, of its masking key if it dropped out, never both.
     *
     * @throws RoundRefusedException if one of them did not; the shares are wiped and the round is over
     * @throws IllegalStateException on a second call, or after close
     */
    public Unmasked unmask(Openings openings) throws RoundRefusedException {
        once.use();
        try {
            requireSameView(openings);
            return new Unmasked(reveal());
        } finally {
            close();
        }
    }

    private void requireSameView(Openings openings) throws RoundRefusedException {
        require(openings.getOpeningsCount() == message.getIndicesCount(), "not one opening for each that was drawn");
        SortedMap<Integer, byte[]> members = new TreeMap<>();
        SortedMap<Integer, byte[]> attestations = new TreeMap<>();
        String previous = "";
        for (int i = 0; i < message.getIndicesCount(); i++) {
            int index = message.getIndices(i);
            Opening opening = openings.getOpenings(i);
            Credential credential = requireAttested(index, opening);
            require(previous.compareTo(credential.deviceId()) < 0, "device ids do not ascend");
            previous = credential.deviceId();
            members.put(index, VerifiedMember.leaf(opening.getCertificate(), opening.getKeysSha256()));
            attestations.put(index, opening.getAttestation().toByteArray());
        }
        int size = neighbourhood.cohortSize();
        require(
                MerkleTree.proves(
                        neighbourhood.root(),
                        size,
                        members,
                        openings.getCohortProof().toByteArray()),
                "a device that is not of the cohort");
        require(
                MerkleTree.proves(
                        roll.getRoot().toByteArray(),
                        size,
                        attestations,
                        openings.getRollProof().toByteArray()),
                "an attestation that is not on the roll");
    }

    private Credential requireAttested(int index, Opening opening) throws RoundRefusedException {
        Credential credential = Credential.verify(opening.getCertificate(), round.peers());
        byte[] attested = neighbourhood.context().attested(index, view.hash());
        boolean same = opening.getKeysSha256().size() == Sha256.BYTES
                && round.peers()
                        .reckoning()
                        .verifies(
                                credential.key(),
                                Purpose.ATTESTATION,
                                attested,
                                opening.getAttestation().toByteArray());
        require(same, "another device did not attest the same survivors");
        return credential;
    }

    private Unmasking reveal() {
        Unmasking.Builder unmasking =
                Unmasking.newBuilder().setRoundId(round.terms().roundId());
        for (int owner : held.senders()) {
            Secret secret = view.isMasked(owner) ? Secret.SELF_MASK : Secret.MASKING_KEY;
            held.findRevealed(owner, secret).ifPresent(unmasking::addShares);
        }
        return unmasking.addAllComplaints(held.complaints()).build();
    }

    private static void require(boolean kept, String facts) throws RoundRefusedException {
        if (!kept) {
            throw new RoundRefusedException(Rule.VIEWS_DIFFER, facts);
        }
    }

    @Override
    public void close() {
        once.close();
        held.close();
    }
}
