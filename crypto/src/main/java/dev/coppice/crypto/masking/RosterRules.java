package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.BeaconPart;
import dev.coppice.protocol.round.CohortClosed;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.RosterEntry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

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
        requireProven(root, parameters, roster.getOwn());

        RoundContext context =
                new RoundContext(round.terms().hash(), Beacon.cohortHash(root, nonces(parameters, root)));
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
            requireProven(root, parameters, entry);
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
        requireProven(root, parameters, closed.getOwn());
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

    /** The nonces of contributors, each opened by its member for this very cohort. */
    private SortedMap<Integer, byte[]> nonces(CohortParameters parameters, byte[] root) throws RoundRefusedException {
        byte[] termsHash = round.terms().hash();
        SortedSet<Integer> contributors = Beacon.contributors(parameters, termsHash, root);
        SortedMap<Integer, byte[]> nonces = new TreeMap<>();
        for (BeaconPart part : roster.getBeaconList()) {
            int index = part.getContributor().getIndex();
            Advertisement advertisement = part.getContributor().getAdvertisement();
            require(contributors.contains(index), Rule.BEACON, "a nonce of a device that does not contribute");
            requireProven(root, parameters, part.getContributor());
            Credential credential = Credential.verify(advertisement.getCertificate(), round.enrolmentAuthority());
            byte[] nonce = part.getNonce().toByteArray();
            byte[] signature = part.getSignature().toByteArray();
            require(
                    VerifiedMember.opens(termsHash, root, credential, advertisement, nonce, signature),
                    Rule.BEACON,
                    "a nonce that its device did not open for this cohort");
            require(nonces.put(index, nonce) == null, Rule.BEACON, "two nonces of one device");
        }
        require(Beacon.suffices(parameters, nonces.size()), Rule.BEACON, "too few nonces");
        return nonces;
    }

    private static void requireProven(byte[] root, CohortParameters parameters, RosterEntry entry)
            throws RoundRefusedException {
        byte[] leaf = VerifiedMember.leaf(entry.getAdvertisement());
        List<byte[]> proof =
                entry.getProofList().stream().map(ByteString::toByteArray).toList();
        require(
                MerkleTree.proves(root, parameters.size(), entry.getIndex(), leaf, proof),
                Rule.NOT_THE_COHORT,
                "an entry without a proof");
    }

    private VerifiedMember verified(Advertisement advertisement) throws RoundRefusedException {
        VerifiedMember member = VerifiedMember.verify(round.terms(), advertisement, round.enrolmentAuthority());
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
