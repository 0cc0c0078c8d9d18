package dev.coppice.crypto.masking;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.RosterEntry;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
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
        CohortParameters parameters = parameters();
        byte[] root = roster.getRoot().toByteArray();
        require(roster.getOwn().getAdvertisement().equals(own), Rule.OWN_ENTRY, "not what the device sent");
        requireProven(root, roster.getOwn());

        RoundContext context = new RoundContext(round.terms().hash(), root);
        Ring ring = new Ring(parameters, context);
        int ownIndex = roster.getOwn().getIndex();
        List<Integer> shown =
                roster.getNeighboursList().stream().map(RosterEntry::getIndex).toList();
        require(
                shown.equals(ring.neighbours(ownIndex)),
                Rule.NOT_THE_COHORT,
                "not the neighbours that the graph gives");

        SortedMap<Integer, VerifiedMember> members = new TreeMap<>();
        for (RosterEntry entry : roster.getNeighboursList()) {
            requireProven(root, entry);
            members.put(entry.getIndex(), verified(entry.getAdvertisement()));
        }
        requireDistinct(ownIndex, members);
        return new Neighbourhood(root, context, ring, ownIndex, members);
    }

    private CohortParameters parameters() throws RoundRefusedException {
        var bounds = round.terms().terms().getCohort();
        int size = roster.getCohortSize();
        require(
                size >= bounds.getSizeMin() && size <= bounds.getSizeMax(),
                Rule.COHORT_SIZE,
                "%d is not from %d to %d".formatted(size, bounds.getSizeMin(), bounds.getSizeMax()));
        try {
            return CohortParameters.search(size, bounds.getCorruptionBound(), bounds.getDropoutBound());
        } catch (CohortRefusedException noGraph) {
            throw new RoundRefusedException(Rule.COHORT_SIZE, noGraph.reason());
        }
    }

    private void requireProven(byte[] root, RosterEntry entry) throws RoundRefusedException {
        byte[] leaf = VerifiedMember.leaf(entry.getAdvertisement());
        List<byte[]> proof =
                entry.getProofList().stream().map(ByteString::toByteArray).toList();
        require(
                MerkleTree.proves(root, roster.getCohortSize(), entry.getIndex(), leaf, proof),
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
        boolean fresh = keys.add(ByteString.copyFrom(credential.key().bytes()))
                && keys.add(advertisement.getSealingKey())
                && keys.add(advertisement.getMaskingKey());
        require(fresh, Rule.DUPLICATE_MEMBER, "two members with one key");
    }

    private static void require(boolean kept, Rule rule, String facts) throws RoundRefusedException {
        if (!kept) {
            throw new RoundRefusedException(rule, facts);
        }
    }
}
