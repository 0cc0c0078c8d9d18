package dev.coppice.crypto.masking;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** A device's verified view of its cohort: its place in it, and its neighbours on the graph of its group. */
final class Neighbourhood {
    private final int cohortSize;
    private final byte[] root;
    private final RoundContext context;
    private final Ring ring;
    private final int ownIndex;
    private final SortedMap<Integer, VerifiedMember> members;

    Neighbourhood(
            int cohortSize,
            byte[] root,
            RoundContext context,
            Ring ring,
            int ownIndex,
            SortedMap<Integer, VerifiedMember> members) {
        this.cohortSize = cohortSize;
        this.root = root;
        this.context = context;
        this.ring = ring;
        this.ownIndex = ownIndex;
        this.members = Collections.unmodifiableSortedMap(new TreeMap<>(members));
    }

    /** Devices in the whole cohort. */
    int cohortSize() {
        return cohortSize;
    }

    /** The Merkle root over the cohort. */
    byte[] root() {
        return root.clone();
    }

    RoundContext context() {
        return context;
    }

    /** The graph of the device's group. */
    Ring ring() {
        return ring;
    }

    GroupParameters parameters() {
        return ring.parameters();
    }

    int ownIndex() {
        return ownIndex;
    }

    /** The neighbours by index, ascending. */
    SortedMap<Integer, VerifiedMember> members() {
        return members;
    }

    /** Where the polynomials are evaluated for each neighbour, ascending. */
    int[] points() {
        return members.keySet().stream().mapToInt(Neighbourhood::point).toArray();
    }

    /** The point of a device: never 0, where the secret is. */
    static int point(int index) {
        return index + 1;
    }
}
