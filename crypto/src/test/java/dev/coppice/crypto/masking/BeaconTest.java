package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.BeaconPart;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.RosterEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server that would like to draw the graph itself: each test names its defence as in {@link AttackTest}. */
class BeaconTest {
    private static final int DEVICES = 60;

    private final RoundWorld world = new RoundWorld(51, DEVICES, RoundWorld.terms(64, 0.05, 0.1));

    @BeforeEach
    void advertise() throws Exception {
        world.advertise();
    }

    @Test
    void aRingIsDecidedByTheNoncesOfTwentyFourMembersAndACompleteGraphByNobody() throws Exception {
        assertThat(contributors()).hasSize(24);
        assertThat(world.cohort().roster(0).getBeaconList()).hasSize(24);
        var small = new RoundWorld(52, 12, RoundWorld.terms(16, 0.05, 0.2)).advertise();
        assertThat(small.closed().contributors()).isZero();
    }

    /** Defence: {@code openedFor} in {@link Advertised}: or else the server saw a nonce, and then chose the cohort. */
    @Test
    void whoOpenedItsNonceForOneCohortTakesPartInNoOther() throws Exception {
        List<Advertisement> fewer = world.advertisements().subList(0, DEVICES - 1);
        ClosedCohort other = MaskingServer.close(world.terms, fewer);
        int both = IntStream.range(0, DEVICES - 1)
                .filter(i -> other.contributes(i) && world.closed().contributes(i))
                .findFirst()
                .orElseThrow();
        Roster roster = other.with(openingsOfDevicesThatWereShown(other)).roster(both);
        assertRefused(Rule.NOT_THE_COHORT, () -> world.advertised(both).share(roster));

        var again = new RoundWorld(51, DEVICES, RoundWorld.terms(64, 0.05, 0.1)).advertise();
        assertRefused(Rule.NOT_THE_COHORT, () -> again.advertised(both).open(other.closed(both)));
        assertThatThrownBy(() -> again.advertised(both).share(again.cohort().roster(both)))
                .as("after a refusal the device is out of the round")
                .isInstanceOf(IllegalStateException.class);
    }

    /** Defence: {@code contributes} and {@code requireProven} in {@link RosterRules#requireContributor}. */
    @Test
    void nobodyOpensItsNonceUnasked() throws Exception {
        int bystander = IntStream.range(0, DEVICES)
                .filter(i -> !world.closed().contributes(i))
                .findFirst()
                .orElseThrow();
        assertRefused(
                Rule.BEACON,
                () -> world.advertised(bystander).open(world.closed().closed(bystander)));
        int contributor = contributors().get(0);
        var unproven = world.closed().closed(contributor).toBuilder();
        unproven.clearProof();
        assertRefused(Rule.NOT_THE_COHORT, () -> world.advertised(contributor).open(unproven.build()));
    }

    /** Defence: {@link VerifiedMember#opens}: hash, signature, and the root in what is signed. */
    @Test
    void aNonceThatItsMemberDidNotOpenForThisCohortIsRefused() throws Exception {
        BeaconPart other = world.cohort().roster(0).getBeacon(4);
        assertBeaconRefused(part -> part.setNonce(other.getNonce()));
        assertBeaconRefused(part -> part.setNonce(other.getNonce()).setSignature(other.getSignature()));
        assertBeaconRefused(part -> part.setSignature(ByteString.copyFrom(new byte[64])));
        ClosedCohort fewer =
                MaskingServer.close(world.terms, world.advertisements().subList(0, DEVICES - 1));
        assertThat(fewer.tree().root()).isNotEqualTo(world.closed().tree().root());
        int contributor = contributors().get(3);
        byte[] nonce = world.cohort().roster(0).getBeacon(3).getNonce().toByteArray();
        byte[] elsewhere = Beacon.signedNonce(world.terms.hash(), fewer.tree().root(), nonce);
        assertBeaconRefused(part -> part.setSignature(
                ByteString.copyFrom(world.members.get(contributor).key().sign(Purpose.NONCE_OPENING, elsewhere))));
    }

    /** Defence: the comparisons with {@code contributors} and {@code suffices} in {@link RosterRules}. */
    @Test
    void aServerMayLeaveOutFourNoncesAndAddNone() throws Exception {
        List<Integer> chosen = contributors();
        ClosedCohort closed = world.closed();
        var fewer = closed.with(world.openings(closed, chosen.subList(0, 4).toArray(Integer[]::new)));
        assertThat(verified(fewer.roster(0)).ring().from(0))
                .as("another graph: this is the choice that is left to the server")
                .isNotEqualTo(world.cohort().ring(0).from(0));
        var openings = world.openings(closed, chosen.subList(0, 5).toArray(Integer[]::new));
        assertThatThrownBy(() -> closed.with(openings)).isInstanceOf(CohortRefusedException.class);
        Roster tooFew = world.cohort().roster(0).toBuilder()
                .clearBeacon()
                .addAllBeacon(world.cohort().roster(0).getBeaconList().subList(5, 24))
                .build();
        assertRefused(Rule.BEACON, () -> verified(tooFew));
        BeaconPart first = world.cohort().roster(0).getBeacon(0);
        Roster twice = world.cohort().roster(0).toBuilder().setBeacon(1, first).build();
        assertRefused(Rule.BEACON, () -> verified(twice));
        int bystander = IntStream.range(0, DEVICES)
                .filter(i -> !closed.contributes(i))
                .findFirst()
                .orElseThrow();
        Roster foreign = world.cohort().roster(0).toBuilder()
                .setBeacon(0, opened(bystander, closed.entry(bystander), world.advertised(bystander).nonce))
                .build();
        assertRefused(Rule.BEACON, () -> verified(foreign));
    }

    /** Defence: the comparison in {@code addLeaf} of {@link RosterRules}: the proof is of one of the two. */
    @Test
    void aContributorThatIsANeighbourIsNotShownInTwoWays() throws Exception {
        Roster.Builder roster = world.cohort().roster(0).toBuilder();
        int place = IntStream.range(0, roster.getNeighboursCount())
                .filter(i -> contributors().contains(roster.getNeighbours(i).getIndex()))
                .findFirst()
                .orElseThrow();
        int neighbour = roster.getNeighbours(place).getIndex();
        Advertisement second =
                world.advertise(world.terms, world.members.get(neighbour)).message();
        roster.getNeighboursBuilder(place).setAdvertisement(second);
        assertRefused(Rule.NOT_THE_COHORT, () -> verified(roster.build()));
    }

    /** Defence: the hash in {@link VerifiedMember#opens}: or else a bad device chose its nonce when it knows the others. */
    @Test
    void aContributorCannotOpenAnotherNonceThanTheOneItAdvertised() throws Exception {
        int contributor = contributors().get(3);
        BeaconPart late = opened(contributor, world.closed().entry(contributor), new byte[32]);
        Roster roster = world.cohort().roster(0).toBuilder().setBeacon(3, late).build();
        assertRefused(Rule.BEACON, () -> verified(roster));
    }

    /** Defence: {@code requireProven} for contributors in {@link RosterRules}; the same by a second advertisement. */
    @Test
    void aContributorCannotOpenTheNonceOfAnAdvertisementThatIsNotUnderTheRoot() throws Exception {
        int contributor = contributors().get(3);
        Advertised second = world.advertise(world.terms, world.members.get(contributor));
        RosterEntry entry = world.closed().entry(contributor).toBuilder()
                .setAdvertisement(second.message())
                .build();
        BeaconPart late = opened(contributor, entry, second.nonce);
        SortedMap<Integer, NonceOpening> openings = new TreeMap<>(world.openings(world.closed()));
        openings.put(
                contributor, NonceOpening.newBuilder().setNonce(late.getNonce()).build());
        Roster roster = new Cohort(world.closed(), openings)
                .roster(0).toBuilder().setBeacon(3, late).build();
        assertRefused(Rule.NOT_THE_COHORT, () -> verified(roster));
    }

    /** Defence: the nonces in {@link Beacon#cohortHash}, on which all keys, seals and signatures of the round depend. */
    @Test
    void devicesThatWereShownDifferentNoncesHaveNothingInCommon() throws Exception {
        ClosedCohort closed = world.closed();
        Cohort other = closed.with(world.openings(closed, contributors().get(0)));
        byte[] secret = world.random.bytes(32);
        assertThat(other.context().sealKey(secret, Encapsulation.none(), 0, 1))
                .isNotEqualTo(world.cohort().context().sealKey(secret, Encapsulation.none(), 0, 1));
        assertThat(other.context().attested(0, secret))
                .isNotEqualTo(world.cohort().context().attested(0, secret));
        byte[] root = new byte[32];
        assertThat(Beacon.cohortHash(root, new TreeMap<>(Map.of(1, secret))))
                .isNotEqualTo(Beacon.cohortHash(root, new TreeMap<>(Map.of(1, root))))
                .isNotEqualTo(Beacon.cohortHash(root, new TreeMap<>(Map.of(2, secret))))
                .isNotEqualTo(Beacon.cohortHash(secret, new TreeMap<>(Map.of(1, secret))));
    }

    /** Defence: {@code MessageRules} for openings. */
    @Test
    void theServerTakesNoOpeningThatDevicesWouldRefuse() throws Exception {
        int contributor = contributors().get(0);
        NonceOpening good = world.advertised(contributor).open(world.closed().closed(contributor));
        assertThat(MaskingServer.checked(world.closed(), contributor, good)).isEqualTo(good);
        for (NonceOpening bad : List.of(
                good.toBuilder().setRoundId("round-0").build(),
                good.toBuilder().setNonce(ByteString.copyFrom(new byte[32])).build(),
                good.toBuilder().clearSignature().build())) {
            assertThatThrownBy(() -> MaskingServer.checked(world.closed(), contributor, bad))
                    .isInstanceOf(MessageRefusedException.class);
        }
        assertThatThrownBy(() ->
                        MaskingServer.checked(world.closed(), contributors().get(1), good))
                .isInstanceOf(MessageRefusedException.class);
    }

    /** The others go along, as if they had seen no cohort before. */
    private Map<Integer, NonceOpening> openingsOfDevicesThatWereShown(ClosedCohort other) throws Exception {
        Map<Integer, NonceOpening> before = world.openings(world.closed());
        Map<Integer, NonceOpening> openings = new HashMap<>();
        for (int i = 0; i < other.size(); i++) {
            NonceOpening opening = before.get(i);
            if (other.contributes(i) && opening != null) {
                byte[] nonce = opening.getNonce().toByteArray();
                byte[] signed =
                        Beacon.signedNonce(world.terms.hash(), other.tree().root(), nonce);
                byte[] signature = world.members.get(i).key().sign(Purpose.NONCE_OPENING, signed);
                opening = opening.toBuilder()
                        .setSignature(ByteString.copyFrom(signature))
                        .build();
                openings.put(i, MaskingServer.checked(other, i, opening));
            } else if (other.contributes(i)) {
                openings.put(i, world.advertised(i).open(other.closed(i)));
            }
        }
        return openings;
    }

    /** Whatever a device would sign if it were bad. */
    private BeaconPart opened(int device, RosterEntry entry, byte[] nonce) {
        byte[] signed =
                Beacon.signedNonce(world.terms.hash(), world.closed().tree().root(), nonce);
        return BeaconPart.newBuilder()
                .setContributor(entry)
                .setNonce(ByteString.copyFrom(nonce))
                .setSignature(
                        ByteString.copyFrom(world.members.get(device).key().sign(Purpose.NONCE_OPENING, signed)))
                .build();
    }

    private List<Integer> contributors() {
        List<Integer> contributors = new ArrayList<>();
        for (int i = 0; i < DEVICES; i++) {
            if (world.closed().contributes(i)) {
                contributors.add(i);
            }
        }
        return contributors;
    }

    private void assertBeaconRefused(Consumer<BeaconPart.Builder> change) {
        Roster.Builder roster = world.cohort().roster(0).toBuilder();
        change.accept(roster.getBeaconBuilder(3));
        assertRefused(Rule.BEACON, () -> verified(roster.build()));
    }

    private Neighbourhood verified(Roster roster) throws RoundRefusedException {
        Member own = world.members.get(0);
        var round = new DeviceRound(
                world.terms,
                own,
                Credential.unverified(own.certificate()),
                Peers.of(world.authority.verifyingKey()),
                RoundWorld.NOW,
                world.random);
        return new RosterRules(round, world.advertised(0).message(), roster).verified();
    }

    private static void assertRefused(Rule rule, ThrowingCallable attack) {
        assertThatThrownBy(attack)
                .isInstanceOfSatisfying(
                        RoundRefusedException.class,
                        refused ->
                                assertThat(refused.rule()).as(refused.reason()).isEqualTo(rule));
    }
}
