package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.RosterEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.OptionalInt;
import java.util.SortedSet;

/**
 * Who takes part in a round, in the canonical order (ascending device id), with the graph between them. Immutable, and
 * the same again from the same terms and advertisements in any order.
 */
public final class Cohort {
    private final VerifiedTerms terms;
    private final List<VerifiedMember> members;
    private final Map<String, Integer> indices = new HashMap<>();
    private final MerkleTree tree;
    private final RoundContext context;
    private final Ring ring;

    /** @param members distinct, ascending by device id */
    Cohort(VerifiedTerms terms, List<VerifiedMember> members, CohortParameters parameters) {
        this.terms = terms;
        this.members = List.copyOf(members);
        for (int i = 0; i < members.size(); i++) {
            indices.put(members.get(i).deviceId(), i);
        }
        this.tree = new MerkleTree(members.stream()
                .map(member -> VerifiedMember.leaf(member.advertisement()))
                .toList());
        this.context = new RoundContext(terms.hash(), tree.root());
        this.ring = new Ring(parameters, context);
    }

    public int size() {
        return members.size();
    }

    public VerifiedTerms terms() {
        return terms;
    }

    public CohortParameters parameters() {
        return ring.parameters();
    }

    /** The index of a device; empty if it is not a member. */
    public OptionalInt findIndex(String deviceId) {
        Integer index = indices.get(deviceId);
        return index == null ? OptionalInt.empty() : OptionalInt.of(index);
    }

    /**
     * The index of a member.
     *
     * @throws NoSuchElementException if the device is none
     */
    public int indexOf(String deviceId) {
        return findIndex(deviceId).orElseThrow(() -> new NoSuchElementException("Not a member of the cohort"));
    }

    /** The device id of the member at {@code index}. */
    public String deviceId(int index) {
        return members.get(index).deviceId();
    }

    public Advertisement advertisement(int index) {
        return members.get(index).advertisement();
    }

    /** Indices of a device's neighbours, ascending. */
    public List<Integer> neighbours(int index) {
        return ring.neighbours(index);
    }

    /** What a device is shown of the cohort: the answer to R0. */
    public Roster roster(int index) {
        Roster.Builder roster = Roster.newBuilder()
                .setCohortSize(size())
                .setRoot(ByteString.copyFrom(tree.root()))
                .setOwn(entry(index));
        neighbours(index).forEach(neighbour -> roster.addNeighbours(entry(neighbour)));
        return roster.build();
    }

    private RosterEntry entry(int index) {
        RosterEntry.Builder entry = RosterEntry.newBuilder().setIndex(index).setAdvertisement(advertisement(index));
        tree.proof(index).forEach(hash -> entry.addProof(ByteString.copyFrom(hash)));
        return entry.build();
    }

    /** That these members are under the root: hashes one after the other. */
    byte[] proof(SortedSet<Integer> indices) {
        return tree.proof(indices);
    }

    VerifiedMember member(int index) {
        return members.get(index);
    }

    RoundContext context() {
        return context;
    }

    Ring ring() {
        return ring;
    }
}
