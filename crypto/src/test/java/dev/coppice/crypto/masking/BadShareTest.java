package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.masking.Fault.Kind;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Complaint;
import dev.coppice.protocol.round.DeliveredShare;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.RevealedShare;
import dev.coppice.protocol.round.RevealedShare.Secret;
import dev.coppice.protocol.round.SealedShare;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.ShareInbox;
import dev.coppice.protocol.round.Survivors;
import dev.coppice.protocol.round.Unmasking;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What bad devices may try on a round: they can spoil it, and never bend its sum. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNRECOGNIZED")
class BadShareTest {
    private final KeyAgreement agreement;
    private final RoundWorld world;

    BadShareTest(KeyAgreement agreement) {
        this.agreement = agreement;
        this.world = new RoundWorld(21, 14, RoundWorld.terms(16, 0.1, 0.2, agreement));
    }

    /** Defence: {@code fits} in {@link RevealedShares}; with one share to spare, so that others suffice. */
    @Test
    void wrongSharesAreDoneWithoutAndLaidAtTheDoorOfWhoReleasedThem() throws Exception {
        for (int dropped : new int[] {0, 3}) {
            var round = new RoundWorld(21, 14, RoundWorld.terms(16, 0.1, 0.2, agreement));
            round.advertise().share().mask(dropped).unmask();
            Map<Integer, Unmasking> messages = round.unmaskings();
            for (int bad : new int[] {1, 2}) {
                messages.computeIfPresent(bad, (index, good) -> spoiled(good));
                MaskingServer.checked(
                        round.cohort(),
                        round.survivors(),
                        bad,
                        messages.getOrDefault(bad, Unmasking.getDefaultInstance()));
            }
            UnmaskedSum sum = round.unmaskedSum(messages);
            assertThat(sum.values()).isEqualTo(round.expected());
            assertThat(sum.faults())
                    .hasSize(26)
                    .allMatch(fault -> fault.kind() == Kind.WRONG_SHARE_RELEASED)
                    .extracting(Fault::device)
                    .containsOnly(1, 2);
        }
    }

    @Test
    void aRoundWithoutFaultsBlamesNobody() throws Exception {
        world.advertise().share().mask(3).unmask(5);
        assertThat(world.unmaskedSum(world.unmaskings()).faults()).isEmpty();
    }

    @Test
    void withTooManyWrongSharesThereIsNoSumAtAll() throws Exception {
        world.advertise().share().mask(3).unmask();
        Map<Integer, Unmasking> messages = world.unmaskings();
        messages.replaceAll((index, good) -> index < 9 ? spoiled(good) : good);
        assertThatThrownBy(() -> world.unmaskedSum(messages))
                .isInstanceOfSatisfying(
                        SharesMissingException.class,
                        missing -> assertThat(missing.faults())
                                .extracting(Fault::device)
                                .containsOnly(0, 1, 2, 4, 5, 6, 7, 8));
    }

    /**
     * Defence: {@code find} in {@link SecretRecovery}, with the predicates in {@link SumRecovery}. The device committed to
     * what it sealed, so nobody else is to blame; the good ones of its shares suffice.
     */
    @Test
    void sharesThatDoNotBelongTogetherAreLaidAtTheDoorOfTheirOwner() throws Exception {
        world.advertise();
        for (int i = 0; i < 14; i++) {
            world.shared.put(i, world.advertised(i).share(world.cohort().roster(i)));
        }
        Map<Integer, ShareBundle> bundles = world.bundles();
        bundles.put(4, resealed(4, (recipient, both) -> {
            byte[] other = both.clone();
            other[0] ^= (byte) (recipient < 2 ? 1 : 0);
            other[40] ^= (byte) (recipient < 2 ? 1 : 0);
            return other;
        }));
        UnmaskedSum sum = unmaskedWith(bundles);
        assertThat(sum.values()).isEqualTo(world.expected());
        assertThat(sum.faults()).containsExactly(new Fault(4, 4, Kind.SHARES_INCONSISTENT));
    }

    /** Defence: {@code judge} in {@link RevealedShares}, {@code complaints} in {@link HeldShares}. */
    @Test
    void whoSealsSomethingElseThanItCommittedToIsProvenToHaveDoneSo() throws Exception {
        world.advertise();
        for (int i = 0; i < 14; i++) {
            world.shared.put(i, world.advertised(i).share(world.cohort().roster(i)));
        }
        ShareBundle honest = world.shared(4).message();
        ShareBundle.Builder bad = honest.toBuilder();
        byte[] key = sealKey(4, 0);
        byte[] commitments = honest.getShares(0).getCommitments().toByteArray();
        bad.getSharesBuilder(0)
                .setSealed(ByteString.copyFrom(new ShareSeal()
                        .seal(
                                key,
                                new byte[SharePair.BYTES],
                                RoundContext.sealAssociated(4, 0, Sha256.hash(commitments)))));
        Map<Integer, ShareBundle> bundles = world.bundles();
        bundles.put(4, signed(4, bad));
        MaskingServer.checked(world.cohort(), 4, signed(4, bad));
        UnmaskedSum sum = unmaskedWith(bundles);
        assertThat(sum.values()).isEqualTo(world.expected());
        assertThat(sum.faults()).containsExactly(new Fault(4, 0, Kind.WRONG_SHARE_SEALED));
    }

    /** Defence: {@code isAsCommitted} and {@code fitKey} in {@link RevealedShares}. */
    @Test
    void nobodyIsBlamedByAComplaintThatProvesNothing() throws Exception {
        world.advertise().share();
        byte[] key = sealKey(1, 0);
        world.mask().unmask();
        Map<Integer, Unmasking> messages = world.unmaskings();
        messages.computeIfPresent(0, (index, good) -> withoutFirst(good, key));
        messages.computeIfPresent(5, (index, good) -> withoutFirst(good, new byte[32]));
        for (int complaining : new int[] {0, 5}) {
            MaskingServer.checked(
                    world.cohort(),
                    world.survivors(),
                    complaining,
                    messages.getOrDefault(complaining, Unmasking.getDefaultInstance()));
        }
        UnmaskedSum sum = world.unmaskedSum(messages);
        assertThat(sum.values()).isEqualTo(world.expected());
        assertThat(sum.faults()).containsExactly(new Fault(0, 1, Kind.FALSE_COMPLAINT));
    }

    /** Defence: {@code checkComplaints} in {@code MessageRules}. */
    @Test
    void aComplaintThatIsNotDueIsRefused() throws Exception {
        world.advertise().share().mask().unmask();
        Unmasking good = world.unmaskings().getOrDefault(0, Unmasking.getDefaultInstance());
        Complaint fair = Complaint.newBuilder()
                .setOwner(1)
                .setKey(ByteString.copyFrom(new byte[32]))
                .build();
        Unmasking.Builder room = good.toBuilder().removeShares(0);
        MaskingServer.checked(
                world.cohort(),
                world.survivors(),
                0,
                room.clone().addComplaints(fair).build());
        for (Unmasking.Builder bad : List.of(
                good.toBuilder().addComplaints(fair),
                room.clone().addComplaints(fair).addComplaints(fair),
                room.clone().addComplaints(fair.toBuilder().setOwner(0)),
                room.clone().addComplaints(fair.toBuilder().setOwner(-1)),
                room.clone().addComplaints(fair.toBuilder().clearKey()))) {
            assertUnmaskingRefused(world, 0, bad);
        }
    }

    /** All that is done by several threads is the same. */
    @Test
    void theSumIsTheSameInSeveralParts() throws Exception {
        world.advertise().share().mask(3).unmask(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            UnmaskedSum sum = MaskingServer.unmask(
                    world.cohort(),
                    0,
                    world.sealedShares(),
                    world.survivors(),
                    world.maskedSum(),
                    world.unmaskings(),
                    threads,
                    3);
            assertThat(sum.values()).isEqualTo(world.expected());
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void withTooFewSharesThereIsNoSumAtAll() throws Exception {
        world.advertise().share().mask().unmask(0, 1, 2, 3, 4, 5, 6, 7);
        assertThatThrownBy(world::sum).isInstanceOf(SharesMissingException.class);
    }

    /** Defence: {@code open} in {@link ShareSeal} answers instead of throwing: what does not open is kept as missing. */
    @Test
    void aDeviceThatSealsNonsenseDoesNotDriveItsNeighboursOut() throws Exception {
        world.advertise();
        for (int i = 0; i < 14; i++) {
            world.shared.put(i, world.advertised(i).share(world.cohort().roster(i)));
        }
        ShareBundle.Builder nonsense = world.shared(4).message().toBuilder();
        nonsense.getSharesBuilderList()
                .forEach(share -> share.setSealed(
                        ByteString.copyFrom(world.random.bytes(share.getSealed().size()))));
        MaskingServer.checked(world.cohort(), 4, signed(4, nonsense));
        Map<Integer, ShareBundle> bundles = world.bundles();
        bundles.put(4, signed(4, nonsense));
        // Nobody has a share of the bad device's self mask: the round is lost, but in a way that is noticed. Whom it
        // owes
        // the seed of a hybrid mask cannot go on at all.
        boolean hybrid = world.terms.hybrid();
        assertThatThrownBy(() -> unmaskedWith(bundles))
                .isInstanceOf(hybrid ? RoundRefusedException.class : SharesMissingException.class);
    }

    /** Defence: {@code MessageRules}. */
    @Test
    void theServerTakesNoMessageThatWouldSpoilTheRoundOfOthers() throws Exception {
        world.advertise().share().mask().unmask();
        ShareBundle bundle = world.shared(2).message();
        assertMessageRefused(bundle.toBuilder().removeShares(1).build());
        assertMessageRefused(bundle.toBuilder().setRoundId("round-0").build());
        assertMessageRefused(bundle.toBuilder()
                .setSignature(ByteString.copyFrom(new byte[64]))
                .build());
        assertThatThrownBy(() -> MaskingServer.checked(world.cohort(), 3, bundle))
                .isInstanceOf(MessageRefusedException.class);

        Unmasking unmasking = world.unmaskings().getOrDefault(2, Unmasking.getDefaultInstance());
        var twice = unmasking.toBuilder().addShares(unmasking.getShares(0)).build();
        assertThatThrownBy(() -> MaskingServer.checked(world.cohort(), world.survivors(), 2, twice))
                .isInstanceOf(MessageRefusedException.class);
        var other = unmasking.toBuilder();
        other.getSharesBuilder(0).setSecret(Secret.MASKING_KEY);
        assertThatThrownBy(() -> MaskingServer.checked(world.cohort(), world.survivors(), 2, other.build()))
                .isInstanceOf(MessageRefusedException.class);
        var strange = unmasking.toBuilder();
        strange.getSharesBuilder(0).setOwner(-1);
        assertThatThrownBy(() -> MaskingServer.checked(world.cohort(), world.survivors(), 2, strange.build()))
                .isInstanceOf(MessageRefusedException.class);
    }

    /** Defence: each line of {@code MessageRules} about R1: what one device sends is shown to its neighbours. */
    @Test
    void aBundleIsTakenWholeFromItsSenderOnly() throws Exception {
        world.advertise().share();
        ShareBundle bundle = world.shared(2).message();
        assertThat(MaskingServer.checked(world.cohort(), 2, bundle)).isEqualTo(bundle);
        SealedShare share = bundle.getShares(1);
        for (SealedShare.Builder change : List.of(
                share.toBuilder().setRecipient(13),
                share.toBuilder().setSealed(ByteString.copyFrom(new byte[97])),
                share.toBuilder().setCommitments(ByteString.copyFrom(new byte[95])))) {
            assertMessageRefused(signed(2, bundle.toBuilder().setShares(1, change)));
        }
        ShareBundle.Builder other =
                bundle.toBuilder().setShares(1, share.toBuilder().setSealed(ByteString.copyFrom(new byte[96])));
        assertMessageRefused(other.build());
        assertMessageRefused(signed(3, other));
        MaskingServer.checked(world.cohort(), 2, signed(2, other));
    }

    /** Defence: each line of {@code MessageRules} about R4. */
    @Test
    void anUnmaskingGivesEachShareThatIsDueOnceAndNoOther() throws Exception {
        var ring = new RoundWorld(22, 40, RoundWorld.terms(64, 0.05, 0.1, agreement));
        int sender = 0;
        ring.advertise();
        List<Integer> neighbours = ring.cohort().neighbours(sender);
        int dropped = neighbours.get(3);
        int absent = neighbours.get(5);
        ring.share(absent).mask(dropped).unmask();
        Unmasking good = ring.unmaskings().getOrDefault(sender, Unmasking.getDefaultInstance());
        assertThat(MaskingServer.checked(ring.cohort(), ring.survivors(), sender, good))
                .isEqualTo(good);
        assertUnmaskingRefused(ring, sender, good.toBuilder().setRoundId("round-0"));
        RevealedShare common = good.getSharesList().stream()
                .filter(share -> share.getOwner() != dropped
                        && ring.cohort().neighbours(dropped).contains(share.getOwner()))
                .findFirst()
                .orElseThrow();
        assertUnmaskingRefused(ring, dropped, good.toBuilder().clearShares().addShares(common));
        int stranger = firstStranger(neighbours);
        assertUnmaskingRefused(ring, sender, withOwner(good, good.getShares(0), stranger));
        RevealedShare ofDropped =
                good.getShares(0).toBuilder().setSecret(Secret.MASKING_KEY).build();
        MaskingServer.checked(
                ring.cohort(),
                ring.survivors(),
                sender,
                withOwner(good, ofDropped, dropped).build());
        assertUnmaskingRefused(ring, sender, withOwner(good, ofDropped, absent));
        assertUnmaskingRefused(ring, sender, good.toBuilder().addShares(good.getShares(good.getSharesCount() - 1)));
        RevealedShare first = good.getShares(0);
        ByteString shorter = first.getShare().substring(1);
        ByteString noElement = ByteString.copyFrom(new byte[39]).concat(ByteString.copyFrom(new byte[] {127}));
        for (ByteString malformed : List.of(shorter, noElement)) {
            assertUnmaskingRefused(
                    ring,
                    sender,
                    good.toBuilder().setShares(0, first.toBuilder().setShare(malformed)));
        }
    }

    /** Defence: {@code isPair} in {@link SharePair}: a device that passed these on would be refused itself. */
    @Test
    void sealedBytesThatAreNoSharesAreKeptAsMissing() throws Exception {
        world.advertise().share();
        byte[] noElements = new byte[SharePair.BYTES];
        Arrays.fill(noElements, (byte) 127);
        byte[] secondIsNone = new byte[SharePair.BYTES];
        secondIsNone[SharePair.BYTES - 1] = 127;
        ShareInbox.Builder inbox = world.inbox(0).toBuilder();
        inbox.setShares(0, delivered(1, noElements));
        inbox.setShares(1, delivered(2, secondIsNone));
        inbox.setShares(2, delivered(3, new byte[SharePair.BYTES - 1]));
        world.mask(0);
        world.masked.put(0, world.shared(0).mask(inbox.build(), world.oneHot(0)));
        world.attest();
        Unmasking unmasking = world.unmask(0, world.attestations()).message();
        assertThat(unmasking.getSharesList())
                .extracting(RevealedShare::getOwner)
                .hasSize(10)
                .doesNotContain(1, 2, 3);
        assertThat(unmasking.getComplaintsList())
                .extracting(Complaint::getOwner)
                .containsExactly(1, 2, 3);
    }

    @Test
    void aMaskedInputOfAnotherRoundOrLengthLeavesTheSumAlone() throws Exception {
        world.advertise().share().mask().unmask();
        MaskedSum sum = world.maskedSum();
        MaskedInput good = world.masked(0).message();
        MaskedInput longer = good.toBuilder()
                .setPacked(good.getPacked().concat(ByteString.copyFrom(new byte[1])))
                .build();
        assertThatThrownBy(() -> sum.add(longer)).isInstanceOf(MessageRefusedException.class);
        assertThatThrownBy(() -> sum.add(good.toBuilder().setRoundId("round-0").build()))
                .isInstanceOf(MessageRefusedException.class);
        assertThat(MaskingServer.unmask(
                                world.cohort(), 0, world.sealedShares(), world.survivors(), sum, world.unmaskings())
                        .values())
                .isEqualTo(world.expected());
    }

    @Test
    void anAdvertisementIsRefusedWhenItsCertificateIsNotValidYetOrNoMore() throws Exception {
        var message = world.advertise(world.terms, world.members.get(0)).message();
        for (long seconds : new long[] {-3600, 91 * 86_400L}) {
            assertThatThrownBy(() -> MaskingServer.checked(
                            world.terms, message, world.authority.verifyingKey(), RoundWorld.NOW.plusSeconds(seconds)))
                    .isInstanceOf(MessageRefusedException.class);
        }
    }

    @Test
    void anAdvertisementWithAKeyOfSmallOrderIsRefused() throws Exception {
        Member member = world.members.get(0);
        Advertisement good = world.advertise(world.terms, member).message();
        ByteString smallOrder = ByteString.copyFrom(new byte[32]);
        for (Advertisement message : List.of(
                good.toBuilder().setMaskingKey(smallOrder).build(),
                good.toBuilder().setSealingKey(smallOrder).build())) {
            assertThatThrownBy(() -> MaskingServer.checked(
                            world.terms,
                            world.resigned(message, member),
                            world.authority.verifyingKey(),
                            RoundWorld.NOW))
                    .isInstanceOf(MessageRefusedException.class)
                    .hasMessageContaining("small order");
        }
    }

    /** Defence: {@code withoutUnknownFields}: what no signature covers would reach the others, and the graph's seed. */
    @Test
    void fieldsThatNobodyKnowsAreNotPassedOn() throws Exception {
        var message = world.advertise(world.terms, world.members.get(0)).message();
        UnknownFieldSet more = UnknownFieldSet.newBuilder()
                .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        var longer = message.toBuilder()
                .setUnknownFields(more)
                .setCertificate(message.getCertificate().toBuilder().setUnknownFields(more))
                .build();
        assertThat(MaskingServer.checked(world.terms, longer, world.authority.verifyingKey(), RoundWorld.NOW))
                .isEqualTo(message);
    }

    /** Defence: the comparisons with the terms' sizes and with {@code shared} in {@link MaskingServer}. */
    @Test
    void theServerMakesNoCohortAndNoSurvivorsAgainstItsOwnTerms() throws Exception {
        var terms = world.verified(RoundWorld.terms(16, 0.1, 0.2)
                .setCohort(world.terms.terms().getCohort().toBuilder()
                        .setSizeMin(5)
                        .setSizeMax(6))
                .build());
        List<Advertisement> messages = new ArrayList<>();
        for (Member member : world.members) {
            messages.add(world.advertise(terms, member).message());
        }
        for (int size : new int[] {4, 7}) {
            assertThatThrownBy(() -> MaskingServer.close(terms, messages.subList(0, size)))
                    .isInstanceOf(CohortRefusedException.class);
        }
        assertThat(MaskingServer.close(terms, messages.subList(0, 6)).size()).isEqualTo(6);

        world.advertise();
        BitSet all = new BitSet();
        all.set(0, 14);
        BitSet most = new BitSet();
        most.set(1, 14);
        assertThatThrownBy(() -> MaskingServer.survivors(world.cohort(), most, all))
                .isInstanceOf(IllegalArgumentException.class);
        Survivors another = MaskingServer.survivors(world.cohort(), all, all).toBuilder()
                .setRoundId("round-0")
                .build();
        assertThatThrownBy(() -> MaskingServer.checked(world.cohort(), another, 0, Unmasking.getDefaultInstance()))
                .isInstanceOf(IllegalArgumentException.class);
        BitSet half = new BitSet();
        half.set(0, 7);
        assertThatThrownBy(() -> MaskingServer.survivors(world.cohort(), all, half))
                .isInstanceOf(CohortRefusedException.class);
    }

    /** Changes what a device seals to each of its neighbours. */
    private interface Change {
        byte[] of(int recipient, byte[] both);
    }

    private ShareBundle resealed(int sender, Change change) {
        ShareBundle.Builder bundle = world.shared(sender).message().toBuilder();
        for (SealedShare.Builder share : bundle.getSharesBuilderList()) {
            int recipient = share.getRecipient();
            byte[] key = sealKey(sender, recipient);
            byte[] hash = Sha256.hash(share.getCommitments().toByteArray());
            byte[] both = new ShareSeal()
                    .open(key, share.getSealed().toByteArray(), RoundContext.sealAssociated(sender, recipient, hash))
                    .orElseThrow();
            byte[] changed = change.of(recipient, both);
            byte[] commitments = Commitments.of(
                    world.cohort().context(),
                    sender,
                    recipient,
                    changed,
                    key,
                    share.getMaskCiphertext().toByteArray());
            byte[] associated = RoundContext.sealAssociated(sender, recipient, Sha256.hash(commitments));
            share.setCommitments(ByteString.copyFrom(commitments))
                    .setSealed(ByteString.copyFrom(new ShareSeal().seal(key, changed, associated)));
        }
        return signed(sender, bundle);
    }

    private DeliveredShare delivered(int sender, byte[] plain) {
        byte[] key = sealKey(sender, 0);
        byte[] both = Arrays.copyOf(plain, SharePair.BYTES); // it committed to just what it sealed
        byte[] commitments = Commitments.of(world.cohort().context(), sender, 0, both, key, new byte[0]);
        ByteString hash = ByteString.copyFrom(Sha256.hash(commitments));
        byte[] associated = RoundContext.sealAssociated(sender, 0, hash.toByteArray());
        return DeliveredShare.newBuilder()
                .setSender(sender)
                .setSealed(ByteString.copyFrom(new ShareSeal().seal(key, plain, associated)))
                .setCommitmentsSha256(hash)
                .setSealCiphertext(
                        ByteString.copyFrom(world.shared(sender).pairs.sealTo(0).ciphertext()))
                .build();
    }

    /** The key between two devices, as either of them knows it. */
    private byte[] sealKey(int sender, int recipient) {
        return world.shared(sender).pairs.keyTo(recipient);
    }

    private ShareBundle signed(int signer, ShareBundle.Builder bundle) {
        byte[] signed = world.cohort().context().signedShares(signer, bundle.getSharesList());
        return bundle.setSignature(
                        ByteString.copyFrom(world.members.get(signer).key().sign(Purpose.SHARE_BUNDLE, signed)))
                .build();
    }

    private UnmaskedSum unmaskedWith(Map<Integer, ShareBundle> bundles) throws Exception {
        SealedShares sealed = new SealedShares(world.cohort(), bundles);
        for (int i = 0; i < 14; i++) {
            world.masked.put(i, world.shared(i).mask(sealed.inbox(i), world.oneHot(i)));
        }
        world.unmask();
        return MaskingServer.unmask(
                world.cohort(), 0, sealed, world.survivors(), world.maskedSum(), world.unmaskings());
    }

    private static Unmasking withoutFirst(Unmasking good, byte[] key) {
        return good.toBuilder()
                .removeShares(0)
                .addComplaints(Complaint.newBuilder()
                        .setOwner(good.getShares(0).getOwner())
                        .setKey(ByteString.copyFrom(key)))
                .build();
    }

    private static Unmasking.Builder withOwner(Unmasking good, RevealedShare share, int owner) {
        return good.toBuilder().clearShares().addShares(share.toBuilder().setOwner(owner));
    }

    private static int firstStranger(List<Integer> neighbours) {
        int stranger = 1;
        while (neighbours.contains(stranger)) {
            stranger++;
        }
        return stranger;
    }

    private static void assertUnmaskingRefused(RoundWorld ring, int sender, Unmasking.Builder message)
            throws Exception {
        Survivors survivors = ring.survivors();
        assertThatThrownBy(() -> MaskingServer.checked(ring.cohort(), survivors, sender, message.build()))
                .isInstanceOf(MessageRefusedException.class);
    }

    private void assertMessageRefused(ShareBundle bundle) {
        assertThatThrownBy(() -> MaskingServer.checked(world.cohort(), 2, bundle))
                .isInstanceOf(MessageRefusedException.class);
    }

    private static Unmasking spoiled(Unmasking good) {
        Unmasking.Builder bad = good.toBuilder();
        bad.getSharesBuilderList().forEach(share -> {
            byte[] bytes = share.getShare().toByteArray();
            bytes[0] ^= 1;
            share.setShare(ByteString.copyFrom(bytes));
        });
        return bad.build();
    }
}
