package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.BeaconPart;
import dev.coppice.protocol.round.CohortClosed;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.RosterEntry;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What a device checks of a roster before it trusts a neighbour with a share. */
final class RosterRules {
    private final DeviceRound round;
    private final Advertisement own;
    private final Roster roster;

    RosterRules(DeviceRound round, Advertisement own, Roster roster) {
        this.round = round;
        this.own = own;
        this.roster = roster;
    }

    Neighbourhood verified() throws RoundRefusedException {
        CohortParameters parameters = parameters(round, roster.getCohortSize());
        byte[] root = roster.getRoot().toByteArray();
        require(roster.getOwn().getAdvertisement().equals(own), Rule.OWN_ENTRY, "not what the device sent");
        requireContributors(parameters, root);
        requireProven(root, parameters, leaves(), roster.getProof());

        RoundContext context = new RoundContext(round.terms().hash(), Beacon.cohortHash(root, nonces(root)));
        int ownIndex = roster.getOwn().getIndex();
        Ring ring = new Rings(parameters, context).of(ownIndex);
        List<Integer> shown =
                roster.getNeighboursList().stream().map(RosterEntry::getIndex).toList();
        require(
                shown.equals(ring.neighbours(ownIndex)),
                Rule.NOT_THE_COHORT,
                "not the neighbours that the graph gives");

        SortedMap<Integer, VerifiedMember> members = new TreeMap<>();
        for (RosterEntry entry : roster.getNeighboursList()) {
            members.put(entry.getIndex(), verified(entry.getAdvertisement()));
        }
        requireDistinct(ownIndex, members);
        return new Neighbourhood(parameters.size(), root, context, ring, ownIndex, members);
    }

    /**
     * The root of a closed cohort that this device contributes its nonce to.
     *
     * @param own what the device sent
     */
    static byte[] requireContributor(DeviceRound round, Advertisement own, CohortClosed closed)
            throws RoundRefusedException {
        CohortParameters parameters = parameters(round, closed.getCohortSize());
        byte[] root = closed.getRoot().toByteArray();
        require(closed.getOwn().getAdvertisement().equals(own), Rule.OWN_ENTRY, "not what the device sent");
        SortedMap<Integer, byte[]> leaf = new TreeMap<>();
        addLeaf(leaf, closed.getOwn());
        requireProven(root, parameters, leaf, closed.getProof());
        boolean contributes = Beacon.contributors(parameters, round.terms().hash(), root)
                .contains(closed.getOwn().getIndex());
        require(contributes, Rule.BEACON, "this device does not contribute");
        return root;
    }

    private static CohortParameters parameters(DeviceRound round, int size) throws RoundRefusedException {
        var bounds = round.terms().terms().getCohort();
        require(
                size >= bounds.getSizeMin() && size <= bounds.getSizeMax(),
                Rule.COHORT_SIZE,
                "%d is not from %d to %d".formatted(size, bounds.getSizeMin(), bounds.getSizeMax()));
        try {
            return CohortParameters.search(size, bounds);
        } catch (CohortRefusedException noGraph) {
            throw new RoundRefusedException(Rule.COHORT_SIZE, noGraph.reason());
        }
    }

    /** Nonces come from those whom the root decides on, from each once, and from enough of them. */
    private void requireContributors(CohortParameters parameters, byte[] root) throws RoundRefusedException {
        SortedSet<Integer> contributors =
                Beacon.contributors(parameters, round.terms().hash(), root);
        SortedSet<Integer> opened = new TreeSet<>();
        for (BeaconPart part : roster.getBeaconList()) {
            int index = part.getContributor().getIndex();
            require(contributors.contains(index), Rule.BEACON, "a nonce of a device that does not contribute");
            require(opened.add(index), Rule.BEACON, "two nonces of one device");
        }
        require(Beacon.suffices(parameters, opened.size()), Rule.BEACON, "too few nonces");
    }

    /** The nonces of contributors, each opened by its member for this very cohort. */
    private SortedMap<Integer, byte[]> nonces(byte[] root) throws RoundRefusedException {
        byte[] termsHash = round.terms().hash();
        SortedMap<Integer, byte[]> nonces = new TreeMap<>();
        for (BeaconPart part : roster.getBeaconList()) {
            Advertisement advertisement = part.getContributor().getAdvertisement();
            Credential credential = Credential.verify(advertisement.getCertificate(), round.peers());
            byte[] nonce = part.getNonce().toByteArray();
            byte[] signature = part.getSignature().toByteArray();
            require(
                    VerifiedMember.opens(
                            round.peers().reckoning(), termsHash, root, credential, advertisement, nonce, signature),
                    Rule.BEACON,
                    "a nonce that its device did not open for this cohort");
            nonces.put(part.getContributor().getIndex(), nonce);
        }
        return nonces;
    }

    /** The leaf of every entry that is shown. */
    private SortedMap<Integer, byte[]> leaves() throws RoundRefusedException {
        SortedMap<Integer, byte[]> leaves = new TreeMap<>();
        addLeaf(leaves, roster.getOwn());
        for (RosterEntry entry : roster.getNeighboursList()) {
            addLeaf(leaves, entry);
        }
        for (BeaconPart part : roster.getBeaconList()) {
            addLeaf(leaves, part.getContributor());
        }
        return leaves;
    }

    /** A contributor may be a neighbour, too: it is shown twice then, and the same. */
    private static void addLeaf(SortedMap<Integer, byte[]> leaves, RosterEntry entry) throws RoundRefusedException {
        byte[] leaf = VerifiedMember.leaf(entry.getAdvertisement());
        byte[] other = leaves.put(entry.getIndex(), leaf);
        require(other == null || Arrays.equals(other, leaf), Rule.NOT_THE_COHORT, "two entries of one place");
    }

    private static void requireProven(
            byte[] root, CohortParameters parameters, SortedMap<Integer, byte[]> leaves, ByteString proof)
            throws RoundRefusedException {
        require(
                MerkleTree.proves(root, parameters.size(), leaves, proof.toByteArray()),
                Rule.NOT_THE_COHORT,
                "entries without a proof");
    }

    private VerifiedMember verified(Advertisement advertisement) throws RoundRefusedException {
        VerifiedMember member = VerifiedMember.verify(round.terms(), advertisement, round.peers());
        Credential credential = member.credential();
        // Not before is the server's to judge: clocks differ, and a device may have enrolled a moment ago.
        require(round.now().isBefore(credential.notAfter()), Rule.CERTIFICATE, "expired");
        require(
                credential.population().equals(round.credential().population()),
                Rule.CERTIFICATE,
                "of another population");
        return member;
    }

    /** The canonical order is by device id, so that two of one device would stand side by side or out of order. */
    private void requireDistinct(int ownIndex, SortedMap<Integer, VerifiedMember> members)
            throws RoundRefusedException {
        SortedMap<Integer, String> ids = new TreeMap<>();
        ids.put(ownIndex, round.credential().deviceId());
        Set<ByteString> keys = new HashSet<>();
        addKeys(keys, round.credential(), own);
        for (var member : members.entrySet()) {
            ids.put(member.getKey(), member.getValue().deviceId());
            addKeys(keys, member.getValue().credential(), member.getValue().advertisement());
        }
        String previous = "";
        for (String id : ids.values()) {
            require(previous.compareTo(id) < 0, Rule.DUPLICATE_MEMBER, "device ids do not ascend");
            previous = id;
        }
    }

    private static void addKeys(Set<ByteString> keys, Credential credential, Advertisement advertisement)
            throws RoundRefusedException {
        for (ByteString key : VerifiedMember.keys(credential, advertisement)) {
            require(keys.add(key), Rule.DUPLICATE_MEMBER, "two members with one key");
        }
    }

    private static void require(boolean kept, Rule rule, String facts) throws RoundRefusedException {
        if (!kept) {
            throw new RoundRefusedException(rule, facts);
        }
    }
}
