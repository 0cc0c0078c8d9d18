package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.CohortClosed;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.RosterEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who takes part in a round, in the canonical order (ascending device id), before the graph between them is known.
 * Immutable, and the same again from the same terms and advertisements in any order.
 */
public final class ClosedCohort {
    private final VerifiedTerms terms;
    private final List<VerifiedMember> members;
    private final CohortParameters parameters;
    private final Map<String, Integer> indices = new HashMap<>();
    private final MerkleTree tree;
    private final SortedSet<Integer> contributors;

    /** @param members distinct, ascending by device id */
    ClosedCohort(VerifiedTerms terms, List<VerifiedMember> members, CohortParameters parameters) {
        this.terms = terms;
        this.members = List.copyOf(members);
        this.parameters = parameters;
        for (int i = 0; i < members.size(); i++) {
            indices.put(members.get(i).deviceId(), i);
        }
        this.tree = new MerkleTree(members.stream()
                .map(member -> VerifiedMember.leaf(member.advertisement()))
                .toList());
        this.contributors = Beacon.contributors(parameters, terms.hash(), tree.root());
    }

    public int size() {
        return members.size();
    }

    public VerifiedTerms terms() {
        return terms;
    }

    public CohortParameters parameters() {
        return parameters;
    }

    /** The index of a device; empty if it is not a member. */
    public OptionalInt findIndex(String deviceId) {
        Integer index = indices.get(deviceId);
        return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /** How many members are asked for their nonces; 0 where all are neighbours of all. */
    public int contributors() {
        return contributors.size();
    }

    /** Whether a member is asked for its nonce. */
    public boolean contributes(int index) {
        return contributors.contains(index);
    }

    /** What a contributor is shown. */
    public CohortClosed closed(int index) {
        return CohortClosed.newBuilder()
                .setCohortSize(size())
                .setRoot(ByteString.copyFrom(tree.root()))
                .setOwn(entry(index))
                .setProof(proof(new TreeSet<>(List.of(index))))
                .build();
    }

    /**
     * The cohort with its graph. Decide once which openings there are: devices must all see the same.
     *
     * @param openings checked ones by the index of their sender
     * @throws CohortRefusedException if honest devices would find them too few: the round must be abandoned
     */
    public Cohort with(Map<Integer, NonceOpening> openings) throws CohortRefusedException {
        if (!Beacon.suffices(parameters, openings.size())) {
            throw new CohortRefusedException(
                    "%d of %d nonces were opened".formatted(openings.size(), contributors.size()));
        }
        SortedMap<Integer, NonceOpening> ordered = new TreeMap<>(openings);
        return new Cohort(this, ordered);
    }

    RosterEntry entry(int index) {
        Advertisement advertisement = members.get(index).advertisement();
        return RosterEntry.newBuilder()
                .setIndex(index)
                .setAdvertisement(advertisement)
                .build();
    }

    /** That these members are under the root: hashes one after the other. */
    ByteString proof(SortedSet<Integer> indices) {
        return ByteString.copyFrom(tree.proof(indices));
    }

    VerifiedMember member(int index) {
        return members.get(index);
    }

    MerkleTree tree() {
        return tree;
    }
}
