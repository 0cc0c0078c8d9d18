package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.Sha256;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.BeaconPart;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Roster;
import java.util.BitSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Who takes part in a round, in which groups, with the graphs between them. Immutable, and the same again from the same members and openings.
 */
public final class Cohort {
    private final ClosedCohort closed;
    private final SortedMap<Integer, NonceOpening> openings;
    private final RoundContext context;
    private final Rings rings;

    /** @param openings checked, and enough */
    Cohort(ClosedCohort closed, SortedMap<Integer, NonceOpening> openings) {
        this.closed = closed;
        this.openings = openings;
        SortedMap<Integer, byte[]> nonces = new TreeMap<>();
        openings.forEach(
                (index, opening) -> nonces.put(index, opening.getNonce().toByteArray()));
        byte[] cohortHash = Beacon.cohortHash(closed.tree().root(), nonces);
        this.context = new RoundContext(closed.terms().hash(), cohortHash);
        this.rings = new Rings(closed.parameters(), context);
    }

    public int size() {
        return closed.size();
    }

    public VerifiedTerms terms() {
        return closed.terms();
    }

    public CohortParameters parameters() {
        return closed.parameters();
    }

    /** How many nonces decided the graph. */
    public int openings() {
        return openings.size();
    }

    /** The index of a device; empty if it is not a member. */
    public OptionalInt findIndex(String deviceId) {
        return closed.findIndex(deviceId);
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
        return member(index).deviceId();
    }

    public Advertisement advertisement(int index) {
        return member(index).advertisement();
    }

    /**
     * What a round is remembered by when its messages are gone ({@link Transcript}). Members compute the same:
     * {@link Attested#transcript}.
     *
     * @param survivors the signed payload
     */
    public byte[] transcriptHash(byte[] survivors) {
        return Transcript.hash(terms().hash(), closed.tree().root(), Sha256.hash(survivors));
    }

    /** Indices of a device's neighbours, ascending. */
    public List<Integer> neighbours(int index) {
        return rings.of(index).neighbours(index);
    }

    /** What a device is shown of the cohort: the answer to R0. */
    public Roster roster(int index) {
        Roster.Builder roster = Roster.newBuilder()
                .setCohortSize(size())
                .setRoot(ByteString.copyFrom(closed.tree().root()))
                .setOwn(closed.entry(index));
        SortedSet<Integer> shown = new TreeSet<>(neighbours(index));
        shown.forEach(neighbour -> roster.addNeighbours(closed.entry(neighbour)));
        shown.add(index);
        shown.addAll(openings.keySet());
        openings.forEach((contributor, opening) -> roster.addBeacon(BeaconPart.newBuilder()
                .setContributor(closed.entry(contributor))
                .setNonce(opening.getNonce())
                .setSignature(opening.getSignature())));
        return roster.setProof(proof(shown)).build();
    }

    /** That these members are under the root: hashes one after the other. */
    ByteString proof(SortedSet<Integer> indices) {
        return closed.proof(indices);
    }

    VerifiedMember member(int index) {
        return closed.member(index);
    }

    RoundContext context() {
        return context;
    }

    /** How many groups there are. */
    public int groups() {
        return rings.all().size();
    }

    /** The group of a member, from 0. */
    public int groupOf(int index) {
        return rings.groupOf(index);
    }

    /** The members of a group, from 0, that are in {@code devices}. */
    public BitSet inGroup(int group, BitSet devices) {
        return ring(group).in(devices);
    }

    /** The graph of a group, from 0. */
    Ring ring(int group) {
        return rings.all().get(group);
    }
}
