package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.AttestationRoll;
import dev.coppice.protocol.round.Opening;
import dev.coppice.protocol.round.Openings;
import dev.coppice.protocol.round.Sample;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** All attestations of a round on the server, with the tree over them. Immutable, safe for several threads. */
public final class Attestations {
    private final Cohort cohort;
    private final Map<Integer, Attestation> byIndex;
    private final MerkleTree tree;
    private final AttestationRoll roll;
    private final BitSet sufficientGroups;

    /** @param byIndex checked ones */
    Attestations(Cohort cohort, Map<Integer, Attestation> byIndex) {
        this.cohort = cohort;
        this.byIndex = Map.copyOf(byIndex);
        List<byte[]> leaves = new ArrayList<>(cohort.size());
        BitSet attested = new BitSet(cohort.size());
        for (int i = 0; i < cohort.size(); i++) {
            leaves.add(signature(i).toByteArray());
            attested.set(i, byIndex.containsKey(i));
        }
        sufficientGroups = sufficientGroups(cohort, attested);
        tree = new MerkleTree(leaves);
        roll = AttestationRoll.newBuilder()
                .setAttested(SurvivorRules.bitmap(attested, cohort.size()))
                .setRoot(ByteString.copyFrom(tree.root()))
                .build();
    }

    public int count() {
        return byIndex.size();
    }

    /** Those of them that come from groups with enough of them; the members of others would refuse. */
    public int sufficient() {
        return (int) byIndex.keySet().stream().filter(this::suffice).count();
    }

    /** Whether there are enough from a member's group. */
    public boolean suffice(int index) {
        return sufficientGroups.get(cohort.groupOf(index));
    }

    private static BitSet sufficientGroups(Cohort cohort, BitSet attested) {
        BitSet groups = new BitSet();
        for (int group = 0; group < cohort.groups(); group++) {
            int here = cohort.inGroup(group, attested).cardinality();
            groups.set(group, here >= AttestationRules.fewest(cohort.ring(group).parameters(), cohort.terms()));
        }
        return groups;
    }

    /** What every device is shown, before it draws. */
    public AttestationRoll roll() {
        return roll;
    }

    /**
     * The openings that a device drew.
     *
     * @throws MessageRefusedException if it asks for too many, or for attestations that there are none of
     */
    public Openings open(Sample sample) throws MessageRefusedException {
        SortedSet<Integer> drawn = new TreeSet<>(sample.getIndicesList());
        boolean wellFormed = sample.getRoundId().equals(cohort.terms().roundId())
                && drawn.size() <= AttestationRules.SAMPLES
                && List.copyOf(drawn).equals(sample.getIndicesList())
                && byIndex.keySet().containsAll(drawn);
        if (!wellFormed) {
            throw new MessageRefusedException(
                    "A sample of another round, out of order, too large or of no attestations");
        }
        Openings.Builder openings = Openings.newBuilder();
        for (int index : drawn) {
            VerifiedMember member = cohort.member(index);
            openings.addOpenings(Opening.newBuilder()
                    .setCertificate(member.advertisement().getCertificate())
                    .setKeysSha256(ByteString.copyFrom(VerifiedMember.keysHash(member.advertisement())))
                    .setAttestation(signature(index)));
        }
        return openings.setCohortProof(cohort.proof(drawn))
                .setRollProof(ByteString.copyFrom(tree.proof(drawn)))
                .build();
    }

    private ByteString signature(int index) {
        return byIndex.getOrDefault(index, Attestation.getDefaultInstance()).getSignature();
    }
}
