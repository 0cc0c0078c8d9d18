package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.RevealedShare;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.RoundTerms;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** More of what a lying server may show a device as its cohort; each test names its defence as in {@link AttackTest}. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNRECOGNIZED")
class RosterAttackTest {
    private static final int OTHER = 5;

    private final RoundWorld world;

    RosterAttackTest(KeyAgreement agreement) {
        this.world = new RoundWorld(13, 12, RoundWorld.terms(16, 0.05, 0.2, agreement));
    }

    @BeforeEach
    void advertise() throws Exception {
        world.advertise();
    }

    /** Defence: each field in {@link VerifiedMember#signedBytes}. The nonces decide the graph, the check a wrong share. */
    @Test
    void everyFieldOfAnAdvertisementIsSigned() throws Exception {
        Advertisement stranger = world.advertised(6).message();
        assertRefused(Rule.ADVERTISEMENT, ad -> ad.setSealingKey(stranger.getSealingKey()));
        assertRefused(Rule.ADVERTISEMENT, ad -> ad.setMaskingKey(stranger.getMaskingKey()));
        if (world.terms.hybrid()) {
            assertRefused(Rule.ADVERTISEMENT, ad -> ad.setSealingKemKey(stranger.getSealingKemKey()));
            assertRefused(Rule.ADVERTISEMENT, ad -> ad.setMaskingKemKey(stranger.getMaskingKemKey()));
        }
        assertRefused(Rule.ADVERTISEMENT, ad -> ad.setNonceSha256(stranger.getNonceSha256()));
        assertRefused(Rule.ADVERTISEMENT, ad -> ad.setSelfMaskCheck(stranger.getSelfMaskCheck()));
        assertRefused(Rule.ADVERTISEMENT, ad -> ad.setRoundId("round-0"));
    }

    /** Defence: the lengths in {@link VerifiedMember#verify}; what is signed has no lengths in it. */
    @Test
    void aSignedFieldOfAnotherLengthIsRefused() throws Exception {
        ByteString longer = ByteString.copyFrom(new byte[33]);
        for (UnaryOperator<Advertisement.Builder> change : List.<UnaryOperator<Advertisement.Builder>>of(
                ad -> ad.setSealingKey(longer),
                ad -> ad.setMaskingKey(longer),
                ad -> ad.setSealingKemKey(longer),
                ad -> ad.setMaskingKemKey(longer),
                ad -> ad.setNonceSha256(longer),
                ad -> ad.setSelfMaskCheck(longer))) {
            assertRefusedThoughSigned(Rule.ADVERTISEMENT, change);
        }
    }

    /** Defence: {@code keys} in {@link RosterRules}: a neighbour with another's key could be told the other's secrets. */
    @Test
    void aNeighbourWithAKeyOfAnotherMemberIsRefused() throws Exception {
        for (int member : new int[] {0, 4}) {
            Advertisement owner = world.advertised(member).message();
            assertRefusedThoughSigned(Rule.DUPLICATE_MEMBER, ad -> ad.setSealingKey(owner.getSealingKey()));
            assertRefusedThoughSigned(Rule.DUPLICATE_MEMBER, ad -> ad.setMaskingKey(owner.getMaskingKey()));
            if (world.terms.hybrid()) {
                assertRefusedThoughSigned(Rule.DUPLICATE_MEMBER, ad -> ad.setSealingKemKey(owner.getSealingKemKey()));
                assertRefusedThoughSigned(Rule.DUPLICATE_MEMBER, ad -> ad.setMaskingKemKey(owner.getMaskingKemKey()));
            }
        }
    }

    /** Defence: the device's own id among those that must ascend in {@link RosterRules}. */
    @Test
    void aSecondMemberOfTheDevicesOwnIdIsRefused() throws Exception {
        Member own = world.members.get(0);
        Member twin = world.member(own.deviceId());
        Advertisement message = world.advertise(world.terms, twin).message();
        assertRefused(Rule.DUPLICATE_MEMBER, () -> world.advertised(0).share(world.rosterWith(1, message)));
    }

    /** Defence: the device's own clock in {@link RosterRules}: the server says when the round was opened. */
    @Test
    void aCertificateThatIsOverByTheDevicesOwnClockIsRefused() throws Exception {
        for (long days : new long[] {89, 90}) {
            Advertised late = MaskingClient.advertise(
                    world.terms,
                    world.members.get(0),
                    Peers.of(world.authority.verifyingKey()),
                    RoundWorld.NOW.plus(Duration.ofDays(days)),
                    world.random);
            Roster roster = world.rosterWith(0, late.message());
            if (days < 90) {
                assertThat(late.share(roster).message().getSharesList()).hasSize(11);
            } else {
                assertRefused(Rule.CERTIFICATE, () -> late.share(roster));
            }
        }
    }

    /** Defence: the comparison of populations in {@link RosterRules}, and the one in {@link MaskingServer}. */
    @Test
    void aMemberOfAnotherPopulationIsRefusedByServerAndDevice() throws Exception {
        Advertisement stranger = certifiedAs(certificate -> certificate.setPopulation("others"));
        assertRefused(Rule.CERTIFICATE, () -> world.advertised(0).share(world.rosterWith(OTHER, stranger)));
        List<Advertisement> messages = world.advertisements();
        messages.set(OTHER, stranger);
        assertThatThrownBy(() -> MaskingServer.close(world.terms, messages)).isInstanceOf(CohortRefusedException.class);
    }

    /** Defence: the checks of fields in {@link Credential}. */
    @Test
    void aCertificateThatMakesNoSenseIsRefused() throws Exception {
        for (UnaryOperator<DeviceCertificate.Builder> change : List.<UnaryOperator<DeviceCertificate.Builder>>of(
                c -> c.setDeviceId("../device"),
                c -> c.setPopulation(""),
                c -> c.setSigningKey(ByteString.copyFrom(new byte[32])),
                c -> c.setNotBeforeEpochSeconds(-1),
                c -> c.setNotAfterEpochSeconds(Long.MAX_VALUE))) {
            Signed odd = certificate(world.members.get(OTHER), change);
            assertRefused(Rule.CERTIFICATE, () -> Credential.verify(odd, Peers.of(world.authority.verifyingKey())));
        }
    }

    /** Defence: the comparisons in {@link MaskingClient#advertise}. */
    @Test
    void aDeviceDoesNotAdvertiseUnderACertificateThatIsNotItsOwn() {
        Member own = world.members.get(0);
        Member other = world.members.get(1);
        assertRefused(
                Rule.CERTIFICATE,
                () -> world.advertise(world.terms, new Member(other.deviceId(), own.key(), own.certificate())));
        assertRefused(
                Rule.CERTIFICATE,
                () -> world.advertise(world.terms, new Member(own.deviceId(), other.key(), own.certificate())));
    }

    /** Defence: the own entry among {@code leaves} in {@link RosterRules}. */
    @Test
    void aDeviceThatIsNotUnderTheRootItselfGivesNothingAway() throws Exception {
        Advertisement replacement =
                world.advertise(world.terms, world.members.get(0)).message();
        Roster without = world.rosterWith(0, replacement);
        List<byte[]> leaves = new ArrayList<>(List.of(VerifiedMember.leaf(replacement)));
        without.getNeighboursList().forEach(entry -> leaves.add(VerifiedMember.leaf(entry.getAdvertisement())));
        MerkleTree tree = new MerkleTree(leaves);
        assertThat(tree.root()).isEqualTo(without.getRoot().toByteArray());
        SortedSet<Integer> others = new TreeSet<>();
        without.getNeighboursList().forEach(entry -> others.add(entry.getIndex()));
        Roster lying = without.toBuilder()
                .setOwn(world.cohort().roster(0).getOwn())
                .setProof(ByteString.copyFrom(tree.proof(others)))
                .build();
        assertRefused(Rule.NOT_THE_COHORT, () -> world.advertised(0).share(lying));
    }

    /** Defence: both ends of the comparison with the terms' sizes in {@link RosterRules}. */
    @Test
    void aRosterLargerOrSmallerThanTheTermsAllowIsRefused() throws Exception {
        Roster roster = world.cohort().roster(0);
        for (int[] sizes : new int[][] {{3, 11}, {13, 20}}) {
            RoundTerms.Builder terms = RoundWorld.terms(16, 0.05, 0.2);
            terms.getCohortBuilder().setSizeMin(sizes[0]).setSizeMax(sizes[1]);
            DeviceRound round = round(world.verified(terms.build()));
            assertRefused(
                    Rule.COHORT_SIZE,
                    () -> new RosterRules(round, world.advertised(0).message(), roster).verified());
        }
    }

    /** Defence: {@code recipient} in {@link RoundContext#sealKey}. */
    @Test
    void aShareForAnotherDeviceIsNotTaken() throws Exception {
        world.share();
        var inbox = world.inbox(0).toBuilder();
        assertThat(world.inbox(1).getShares(1).getSender()).isEqualTo(2);
        inbox.setShares(1, world.inbox(1).getShares(1));
        world.mask(0);
        world.masked.put(0, world.shared(0).mask(inbox.build(), world.oneHot(0)));
        world.attest();
        assertThat(world.unmask(0, world.attestations()).message().getSharesList())
                .extracting(RevealedShare::getOwner)
                .hasSize(10)
                .doesNotContain(2);
    }

    /** Defence: the members of the neighbourhood in {@link HeldShares}. */
    @Test
    void aShareOfADeviceThatIsNoNeighbourIsRefused() throws Exception {
        world.share();
        var inbox = world.inbox(0).toBuilder();
        inbox.getSharesBuilder(1).setSender(12);
        assertRefused(Rule.SHARE, () -> world.shared(0).mask(inbox.build(), world.oneHot(0)));
    }

    /** Defence: the comparison with the threshold in {@link HeldShares}, at its edge. */
    @Test
    void oneShareFewerThanTheThresholdIsTooFew() throws Exception {
        world.share();
        int threshold = world.cohort().parameters().of(0).threshold();
        for (int count : new int[] {threshold - 1, threshold}) {
            var inbox = world.inbox(count).toBuilder();
            var few = inbox.clone()
                    .clearShares()
                    .addAllShares(inbox.getSharesList().subList(0, count));
            if (count < threshold) {
                assertRefused(Rule.TOO_FEW_SHARES, () -> world.shared(count).mask(few.build(), world.oneHot(count)));
            } else {
                assertThat(world.shared(count).mask(few.build(), world.oneHot(count)))
                        .isNotNull();
            }
        }
    }

    // ---------------------------------------------------------------------------------------------------------------

    private Signed certificate(Member member, UnaryOperator<DeviceCertificate.Builder> change) throws Exception {
        var content = DeviceCertificate.parseFrom(member.certificate().getPayload());
        return SignedMessages.sign(
                world.authority,
                Purpose.DEVICE_CERTIFICATE,
                change.apply(content.toBuilder()).build());
    }

    private Advertisement certifiedAs(UnaryOperator<DeviceCertificate.Builder> change) throws Exception {
        Member other = world.members.get(OTHER);
        return world.resigned(
                world.advertised(OTHER).message(),
                new Member(other.deviceId(), other.key(), certificate(other, change)));
    }

    private void assertRefused(Rule rule, UnaryOperator<Advertisement.Builder> change) throws Exception {
        assertRefused(rule, change.apply(message().toBuilder()).build());
    }

    private void assertRefusedThoughSigned(Rule rule, UnaryOperator<Advertisement.Builder> change) throws Exception {
        Advertisement changed = change.apply(message().toBuilder()).build();
        assertRefused(rule, world.resigned(changed, world.members.get(OTHER)));
    }

    private Advertisement message() {
        return world.advertised(OTHER).message();
    }

    /** As {@link Advertised#share} would, but as often as one likes. */
    private void assertRefused(Rule rule, Advertisement shown) throws Exception {
        DeviceRound round = round(world.terms);
        Roster roster = world.rosterWith(OTHER, shown);
        assertRefused(rule, () -> new RosterRules(round, world.advertised(0).message(), roster).verified());
    }

    private DeviceRound round(VerifiedTerms terms) throws RoundRefusedException {
        Member own = world.members.get(0);
        return new DeviceRound(
                terms,
                own,
                Credential.unverified(own.certificate()),
                Peers.of(world.authority.verifyingKey()),
                RoundWorld.NOW,
                world.random);
    }

    private static void assertRefused(Rule rule, ThrowingCallable attack) {
        assertThatThrownBy(attack)
                .isInstanceOfSatisfying(
                        RoundRefusedException.class,
                        refused ->
                                assertThat(refused.rule()).as(refused.reason()).isEqualTo(rule));
    }
}
