package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.DeliveredShare;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.RevealedShare;
import dev.coppice.protocol.round.RevealedShare.Secret;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.ShareInbox;
import dev.coppice.protocol.round.Survivors;
import dev.coppice.protocol.round.Unmasking;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a lying server may try on a device. Each test names the line without which the attack succeeds; deleting that
 * line makes the test fail.
 */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNRECOGNIZED")
class AttackTest {
    private final KeyAgreement agreement;
    private final RoundWorld world;

    AttackTest(KeyAgreement agreement) {
        this.agreement = agreement;
        this.world = new RoundWorld(11, 12, RoundWorld.terms(16, 0.05, 0.2, agreement));
    }

    // ------------------------------------------------------------------------------------------------ terms and R0

    /** Defence: the call of {@code SignedMessages.verified} in {@link VerifiedTerms}. */
    @Test
    void termsThatThePinnedServerDidNotSignAreRefused() {
        Signed forged = SignedMessages.sign(
                world.authority,
                Purpose.ROUND_TERMS,
                RoundWorld.terms(16, 0.05, 0.2).build());
        assertRefused(Rule.TERMS_UNSIGNED, () -> VerifiedTerms.verify(forged, world.server.verifyingKey()));
    }

    /** Defence: {@link Purpose} in the signed bytes. */
    @Test
    void aServerSignatureForAnotherPurposeDoesNotMakeTerms() {
        Signed other = SignedMessages.sign(
                world.server, Purpose.SURVIVORS, RoundWorld.terms(16, 0.05, 0.2).build());
        assertRefused(Rule.TERMS_UNSIGNED, () -> VerifiedTerms.verify(other, world.server.verifyingKey()));
    }

    /** Defence: {@code termsHash} first in {@link VerifiedMember#signedBytes}. */
    @Test
    void aNeighbourThatWasShownOtherTermsIsRefused() throws Exception {
        RoundTerms.Builder other = RoundWorld.terms(16, 0.05, 0.2).setCandidateSha256("d".repeat(64));
        VerifiedTerms otherTerms = world.verified(other.build());
        world.advertise();
        Advertisement misled = world.advertise(otherTerms, world.members.get(5)).message();
        assertRefused(Rule.ADVERTISEMENT, () -> world.advertised(0).share(world.rosterWith(5, misled)));
    }

    /** Defence: {@code termsHash} as the salt of every key in {@link RoundContext}. */
    @Test
    void underDifferentTermsMasksDoNotCancel() throws Exception {
        byte[] root = new byte[32];
        byte[] mine = world.random.bytes(32);
        Encapsulation none = Encapsulation.none();
        RoundContext one = new RoundContext(new byte[32], root);
        RoundContext two = new RoundContext(world.terms.hash(), root);
        assertThat(one.pairMaskKey(mine, none, 0, 1)).isNotEqualTo(two.pairMaskKey(mine, none, 0, 1));
        assertThat(one.selfMaskKey(mine, 0)).isNotEqualTo(two.selfMaskKey(mine, 0));
        assertThat(one.graphSeed()).isNotEqualTo(two.graphSeed());
        assertThat(one.sealKey(mine, none, 0, 1)).isNotEqualTo(two.sealKey(mine, none, 0, 1));
    }

    // -------------------------------------------------------------------------------------------------------- roster

    /** Defence: the check of the signature in {@link VerifiedMember#verify}. */
    @Test
    void aRosterWithASwappedMaskingKeyIsRefused() throws Exception {
        world.advertise();
        Advertisement swapped = world.advertised(5).message().toBuilder()
                .setMaskingKey(world.advertised(6).message().getMaskingKey())
                .build();
        assertRefused(Rule.ADVERTISEMENT, () -> world.advertised(0).share(world.rosterWith(5, swapped)));
    }

    /** Defence: {@code requireProven} for each neighbour in {@link RosterRules}. */
    @Test
    void aNeighbourThatIsNotUnderTheRootIsRefused() throws Exception {
        world.advertise();
        Advertisement fresh = world.advertise(world.terms, world.members.get(5)).message();
        Roster.Builder roster = world.cohort().roster(0).toBuilder();
        roster.getNeighboursBuilder(4).setAdvertisement(fresh);
        assertThat(roster.getNeighbours(4).getIndex()).isEqualTo(5);
        assertRefused(Rule.NOT_THE_COHORT, () -> world.advertised(0).share(roster.build()));
    }

    /** Defence: the comparison with {@code own} in {@link RosterRules}. */
    @Test
    void aRosterWithAnOlderAdvertisementOfTheDeviceItselfIsRefused() throws Exception {
        world.advertise();
        Advertisement older = world.advertise(world.terms, world.members.get(0)).message();
        assertRefused(Rule.OWN_ENTRY, () -> world.advertised(0).share(world.rosterWith(0, older)));
    }

    /** Defence: the comparison with {@code ring.neighbours} in {@link RosterRules}. */
    @Test
    void aServerCannotChooseWhoIsADevicesNeighbour() throws Exception {
        var ring = new RoundWorld(5, 60, RoundWorld.terms(64, 0.05, 0.1, agreement));
        ring.advertise();
        List<Integer> neighbours = ring.cohort().neighbours(0);
        int stranger = 1;
        while (neighbours.contains(stranger)) {
            stranger++;
        }
        Roster.Builder roster = ring.cohort().roster(0).toBuilder();
        roster.addNeighbours(ring.cohort().roster(stranger).getOwn());
        assertRefused(Rule.NOT_THE_COHORT, () -> ring.advertised(0).share(roster.build()));
    }

    /** Defence: {@code Credential.verify} in {@link VerifiedMember#verify}. */
    @Test
    void aCertificateByAnotherAuthorityIsRefusedByServerAndDevice() throws Exception {
        world.advertise();
        SigningKey own = world.members.get(5).key();
        Member sybil = new Member("device-0005", own, RoundWorld.certificate("device-0005", own, world.server));
        Credential.unverified(sybil.certificate()); // well formed
        Advertisement message = world.resigned(world.advertised(5).message(), sybil);
        assertThatThrownBy(() ->
                        MaskingServer.checked(world.terms, message, world.authority.verifyingKey(), RoundWorld.NOW))
                .isInstanceOf(MessageRefusedException.class)
                .hasMessageContaining("CERTIFICATE");
        assertRefused(Rule.CERTIFICATE, () -> world.advertised(0).share(world.rosterWith(5, message)));
        assertRefused(Rule.CERTIFICATE, () -> world.advertise(world.terms, sybil));
    }

    /** Defence: {@code requireDistinct} in {@link RosterRules}, and the one in {@link MaskingServer}. */
    @Test
    void oneDeviceCannotBeTwoMembers() throws Exception {
        world.advertise();
        Advertisement second =
                world.advertise(world.terms, world.members.get(5)).message();
        List<Advertisement> messages = world.advertisements();
        messages.set(6, second);
        assertThatThrownBy(() -> MaskingServer.close(world.terms, messages)).isInstanceOf(CohortRefusedException.class);
        assertRefused(Rule.DUPLICATE_MEMBER, () -> world.advertised(0).share(world.rosterWith(6, second)));
    }

    /** Defence: {@code requireDistinct} in {@link RosterRules}: keys, where ids differ. */
    @Test
    void twoMembersWithOneEnrolledKeyAreRefused() throws Exception {
        SigningKey shared = world.members.get(4).key();
        world.members.set(
                5, new Member("device-0005", shared, RoundWorld.certificate("device-0005", shared, world.authority)));
        assertThatThrownBy(world::advertise).isInstanceOf(CohortRefusedException.class);
        Advertisement twin = world.advertised(5).message();
        assertRefused(Rule.DUPLICATE_MEMBER, () -> world.advertised(0).share(world.rosterWith(5, twin)));
    }

    /** Defence: the comparison with the terms' sizes in {@link RosterRules}. */
    @Test
    void aRosterOutsideTheTermsSizesIsRefused() throws Exception {
        world.advertise();
        Roster two = world.cohort().roster(0).toBuilder().setCohortSize(2).build();
        assertRefused(Rule.COHORT_SIZE, () -> world.advertised(0).share(two));
    }

    // -------------------------------------------------------------------------------------------------------- shares

    /** Defence: the agreed key in {@link RoundContext#sealKey}: only the two that agreed on it can seal what opens. */
    @Test
    void aShareThatTheServerMadeIsNotTaken() throws Exception {
        world.advertise().share();
        byte[] key = world.cohort().context().sealKey(world.random.bytes(32), Encapsulation.none(), 3, 0);
        byte[] both = new byte[SharePair.BYTES];
        byte[] commitments = Commitments.of(world.cohort().context(), 3, 0, both, key, new byte[0]);
        ByteString hash = ByteString.copyFrom(Sha256.hash(commitments));
        byte[] sealed = new ShareSeal().seal(key, both, RoundContext.sealAssociated(3, 0, hash.toByteArray()));
        ShareInbox.Builder inbox = world.inbox(0).toBuilder();
        assertThat(inbox.getShares(2).getSender()).isEqualTo(3);
        inbox.getSharesBuilder(2).setSealed(ByteString.copyFrom(sealed)).setCommitmentsSha256(hash);
        assertNotTaken(world, inbox.build(), 3);
    }

    /** Defence: {@code termsHash} as the salt of each key in {@link SeedKeys}, and of {@link RoundContext#sealKey}. */
    @Test
    void aShareOfAnEarlierRoundIsNotTaken() throws Exception {
        world.advertise().share();
        DeliveredShare earlier = world.inbox(0).getShares(2);
        var next = new RoundWorld(
                11, 12, RoundWorld.terms(16, 0.05, 0.2, agreement).setRoundId("round-2"));
        next.advertise().share();
        assertThat(next.advertised(3).message().getSealingKey())
                .as("not even where the seeds are the same, as from a weak source")
                .isNotEqualTo(world.advertised(3).message().getSealingKey());
        assertNotTaken(next, next.inbox(0).toBuilder().setShares(2, earlier).build(), 3);
    }

    /** Defence: {@code commitmentsHash} in {@link RoundContext#sealAssociated}: or else an honest sender were blamed. */
    @Test
    void aServerThatChangesACommitmentGetsNoComplaintAgainstAnHonestDevice() throws Exception {
        world.advertise().share();
        ShareInbox.Builder inbox = world.inbox(0).toBuilder();
        inbox.getSharesBuilder(2).setCommitmentsSha256(inbox.getShares(1).getCommitmentsSha256());
        assertNotTaken(world, inbox.build(), 3);
    }

    /** The device goes on, for the sender may be to blame, but has nothing of that sender to give away. */
    private static void assertNotTaken(RoundWorld round, ShareInbox inbox, int sender) throws Exception {
        for (int i = 1; i < 12; i++) {
            round.masked.put(i, round.shared(i).mask(round.inbox(i), round.oneHot(i)));
        }
        round.masked.put(0, round.shared(0).mask(inbox, round.oneHot(0)));
        Unmasking unmasking = round.attest().unmask(0, round.attestations()).message();
        assertThat(unmasking.getSharesList())
                .extracting(RevealedShare::getOwner)
                .hasSize(10)
                .doesNotContain(sender);
        assertThat(unmasking.getComplaintsList()).isEmpty();
    }

    /** Defence: the check for an earlier share in {@link HeldShares}. */
    @Test
    void aSecondShareOfOneSenderIsRefused() throws Exception {
        world.advertise().share();
        ShareInbox.Builder inbox = world.inbox(0).toBuilder();
        inbox.addShares(inbox.getShares(0));
        assertRefused(Rule.SHARE, () -> world.shared(0).mask(inbox.build(), world.oneHot(0)));
    }

    /** Defence: the comparison with the threshold in {@link HeldShares}. */
    @Test
    void withTooFewSharesNothingIsMasked() throws Exception {
        world.advertise().share();
        ShareInbox few = ShareInbox.newBuilder()
                .addAllShares(world.inbox(0).getSharesList().subList(0, 3))
                .build();
        assertRefused(Rule.TOO_FEW_SHARES, () -> world.shared(0).mask(few, world.oneHot(0)));
    }

    // ----------------------------------------------------------------------------------------------------- survivors

    /** Defence: {@code once.use()} in {@link Masked#attest}: whoever attests twice supports two sums. */
    @Test
    void aSecondAttestationIsNeverGiven() throws Exception {
        world.advertise().share().mask().attest();
        Survivors others = withoutMasked(world.survivors(), 7);
        assertThatThrownBy(() -> world.masked(0).attest(world.signed(others), world.server.verifyingKey()))
                .isInstanceOf(IllegalStateException.class);
    }

    /** Defence: {@code once.use()} in {@link Sampling#unmask}. */
    @Test
    void aSecondUnmaskingIsNeverGiven() throws Exception {
        world.advertise().share().mask().attest();
        Attestations attestations = world.attestations();
        Sampling sampling = world.attested(0).sample(attestations.roll());
        var openings = attestations.open(sampling.message());
        sampling.unmask(openings);
        assertThatThrownBy(() -> sampling.unmask(openings)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> world.attested(0).sample(attestations.roll()))
                .isInstanceOf(IllegalStateException.class);
    }

    /** Defence: {@code once.use()} in {@link SharePair#reveal}. */
    @Test
    void nobodyGivesAwayBothSharesOfADevice() throws Exception {
        SharePair pair = SharePair.of(new byte[SharePair.BYTES]);
        pair.reveal(Secret.SELF_MASK);
        assertThatThrownBy(() -> pair.reveal(Secret.MASKING_KEY)).isInstanceOf(IllegalStateException.class);
    }

    /** Defence: the choice of the secret in {@code Sampling.reveal}. */
    @Test
    void survivorsAreUnmaskedByTheirSelfMaskAndDropOutsByTheirMaskingKey() throws Exception {
        world.advertise().share().mask(7).attest();
        var unmasking = world.unmask(0, world.attestations()).message();
        assertThat(unmasking.getSharesList())
                .hasSize(11)
                .allSatisfy(share -> assertThat(share.getSecret())
                        .isEqualTo(share.getOwner() == 7 ? Secret.MASKING_KEY : Secret.SELF_MASK));
    }

    /** Defence: the call of {@code SignedMessages.verified} in {@link SurvivorView}. */
    @Test
    void survivorsThatThePinnedServerDidNotSignAreRefused() throws Exception {
        world.advertise().share().mask();
        Signed forged = SignedMessages.sign(world.authority, Purpose.SURVIVORS, world.survivors());
        assertRefused(Rule.SURVIVORS_UNSIGNED, () -> world.masked(0).attest(forged, world.server.verifyingKey()));
    }

    /** Defence: the comparison of round ids in {@link SurvivorView}. */
    @Test
    void survivorsOfAnotherRoundAreRefused() throws Exception {
        world.advertise().share().mask();
        Survivors other = world.survivors().toBuilder().setRoundId("round-0").build();
        assertAttestRefused(Rule.SURVIVORS_UNSIGNED, other);
    }

    /** Defence: the comparison with {@code fewest} in {@link SurvivorRules#check}. */
    @Test
    void aSumOverTooFewIsRefused() throws Exception {
        world.advertise().share().mask();
        assertAttestRefused(Rule.TOO_FEW_SURVIVORS, withoutMasked(world.survivors(), 5, 6, 7));
    }

    /** Defence: the check of the own bit in {@link SurvivorView}. */
    @Test
    void aDeviceThatIsLeftOutGivesNothingAway() throws Exception {
        world.advertise().share().mask();
        assertAttestRefused(Rule.SURVIVORS_INCONSISTENT, withoutMasked(world.survivors(), 0));
    }

    /** Defence: the check of {@code strangers} in {@link SurvivorView}. */
    @Test
    void survivorsThatNeverSharedAreRefused() throws Exception {
        var ring = new RoundWorld(6, 60, RoundWorld.terms(64, 0.05, 0.1, agreement));
        ring.advertise().share();
        int far = firstStranger(ring.cohort(), 0);
        ring.masked.put(0, ring.shared(0).mask(ring.inbox(0), ring.oneHot(0)));
        BitSet all = new BitSet();
        all.set(0, 60);
        BitSet shared = (BitSet) all.clone();
        shared.clear(far);
        Survivors survivors = Survivors.newBuilder()
                .setRoundId(ring.terms.roundId())
                .setShared(SurvivorRules.bitmap(shared, 60))
                .setMasked(SurvivorRules.bitmap(all, 60))
                .build();
        assertRefused(
                Rule.SURVIVORS_INCONSISTENT,
                () -> ring.masked(0).attest(ring.signed(survivors), ring.server.verifyingKey()));
    }

    /** Defence: the comparison with {@code senders} in {@link SurvivorView}. */
    @Test
    void aNeighbourWhoseSharesCameCannotBeDeclaredToHaveSharedNothing() throws Exception {
        world.advertise().share().mask();
        BitSet most = new BitSet();
        most.set(0, 12);
        most.clear(7);
        Survivors survivors = Survivors.newBuilder()
                .setRoundId(world.terms.roundId())
                .setShared(SurvivorRules.bitmap(most, 12))
                .setMasked(SurvivorRules.bitmap(most, 12))
                .build();
        assertAttestRefused(Rule.SURVIVORS_INCONSISTENT, survivors);
    }

    /** Defence: the comparison with {@code fewestInWindow} in {@link SurvivorRules#check}. */
    @Test
    void anHonestDeviceRefusesSurvivorsThatLeaveAGapInTheRing() throws Exception {
        var ring = new RoundWorld(7, 100, RoundWorld.terms(128, 0.05, 0.2, agreement));
        ring.advertise();
        int victim = 0;
        // What is needed of the others is their shares for the one that is asked to unmask.
        int asked = firstStranger(ring.cohort(), victim);
        List<Integer> needed = new ArrayList<>(ring.cohort().neighbours(asked));
        needed.add(asked);
        for (int i : needed) {
            ring.shared.put(i, ring.advertised(i).share(ring.cohort().roster(i)));
        }
        Masked masked = ring.shared(asked).mask(ring.inbox(asked), ring.oneHot(asked));

        BitSet all = new BitSet();
        all.set(0, 100);
        BitSet left = (BitSet) all.clone();
        List<Integer> window = ring.cohort().ring(0).from(victim).subList(1, 21);
        window.forEach(left::clear);
        assertThat(left.get(asked)).isTrue();
        assertThat(left.cardinality()).as("no fewer than the terms allow").isEqualTo(80);
        Survivors survivors = Survivors.newBuilder()
                .setRoundId(ring.terms.roundId())
                .setShared(SurvivorRules.bitmap(all, 100))
                .setMasked(SurvivorRules.bitmap(left, 100))
                .build();
        assertRefused(
                Rule.SURVIVORS_SCATTERED, () -> masked.attest(ring.signed(survivors), ring.server.verifyingKey()));
    }

    /** Defence: the same; here all neighbours of one victim are declared dropped, within the planned number. */
    @Test
    void aVictimCannotBeCutOffFromTheRing() throws Exception {
        VerifiedTerms terms = world.verified(RoundWorld.terms(16, 0.05, 0.2).build());
        Ring ring = RingTest.ring(GroupParameters.search(1000, 50, 0.2), new byte[32]);
        BitSet left = new BitSet();
        left.set(0, 1000);
        SurvivorRules.check(ring, terms, left);
        ring.neighbours(123).forEach(left::clear);
        assertThat(left.cardinality()).isGreaterThanOrEqualTo(800);
        assertRefused(Rule.SURVIVORS_SCATTERED, () -> SurvivorRules.check(ring, terms, left));
    }

    // ---------------------------------------------------------------------------------------------------------------

    private static int firstStranger(Cohort cohort, int index) {
        List<Integer> neighbours = cohort.neighbours(index);
        int stranger = 1;
        while (neighbours.contains(stranger)) {
            stranger++;
        }
        return stranger;
    }

    private static Survivors withoutMasked(Survivors survivors, int... dropped) throws Exception {
        BitSet masked = SurvivorRules.set(survivors.getMasked(), 12);
        for (int index : dropped) {
            masked.clear(index);
        }
        return survivors.toBuilder().setMasked(SurvivorRules.bitmap(masked, 12)).build();
    }

    // ------------------------------------------------------------------------------------- what nothing here defends

    /**
     * No defence: masks hide from the server what a device puts in, also when it is more than any honest encoder makes. It
     * changes the sum by just as much, mod 2^bits, and is not seen in it.
     */
    @Test
    void aDeviceThatPutsInMoreThanAnHonestOneCouldChangesTheSumUnseen() throws Exception {
        world.advertise().share().mask(0);
        int[] excessive = new int[world.terms.paddedDimension()];
        excessive[3] = 700_000; // of 2^20, the upper half of which stands for negative sums
        world.masked.put(0, world.shared(0).mask(world.inbox(0), excessive));
        world.unmask();
        UnmaskedSum sum = world.unmaskedSum(world.unmaskings());
        int[] expected = world.expected();
        expected[0] = 0;
        expected[3] += 700_000;
        assertThat(sum.values()).isEqualTo(expected);
        assertThat(sum.faults()).isEmpty();
    }

    private void assertAttestRefused(Rule rule, Survivors survivors) {
        assertRefused(rule, () -> world.masked(0).attest(world.signed(survivors), world.server.verifyingKey()));
        assertThatThrownBy(() -> world.masked(0).attest(world.signed(survivors), world.server.verifyingKey()))
                .as("after a refusal the device is out of the round")
                .isInstanceOf(IllegalStateException.class);
    }

    private static void assertRefused(Rule rule, ThrowingCallable attack) {
        assertThatThrownBy(attack)
                .isInstanceOfSatisfying(
                        RoundRefusedException.class,
                        refused ->
                                assertThat(refused.rule()).as(refused.reason()).isEqualTo(rule));
    }
}
