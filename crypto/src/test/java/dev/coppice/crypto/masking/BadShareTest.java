package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import dev.coppice.crypto.sealing.SealingKey;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.round.Advertisement;
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
import org.junit.jupiter.api.Test;

/** What bad devices may try on a round: they can spoil it, and never bend its sum. */
class BadShareTest {
    private final RoundWorld world = new RoundWorld(21, 14, RoundWorld.terms(16, 0.1, 0.2));

    /** Defence: the predicates in {@link SumRecovery}, each where it is the first to meet the wrong shares. */
    @Test
    void wrongSharesOfTwoDevicesAreNoticedAndDoneWithout() throws Exception {
        for (int dropped : new int[] {0, 3}) {
            var round = new RoundWorld(21, 14, RoundWorld.terms(16, 0.1, 0.2));
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
            assertThat(MaskingServer.unmask(round.cohort(), round.survivors(), round.maskedSum(), messages))
                    .isEqualTo(round.expected());
        }
    }

    @Test
    void withTooManyWrongSharesThereIsNoSumAtAll() throws Exception {
        world.advertise().share().mask(3).unmask();
        Map<Integer, Unmasking> messages = world.unmaskings();
        messages.replaceAll((index, good) -> index < 9 ? spoiled(good) : good);
        assertThatThrownBy(() -> MaskingServer.unmask(world.cohort(), world.survivors(), world.maskedSum(), messages))
                .isInstanceOf(SharesMissingException.class);
    }

    @Test
    void withTooFewSharesThereIsNoSumAtAll() throws Exception {
        world.advertise().share().mask().unmask(0, 1, 2, 3, 4, 5, 6, 7);
        assertThatThrownBy(world::sum).isInstanceOf(SharesMissingException.class);
    }

    /** Defence: {@code findOpened} in {@link HeldShares} keeps what does not open as missing. */
    @Test
    void aDeviceThatSealsNonsenseDoesNotDriveItsNeighboursOut() throws Exception {
        world.advertise();
        for (int i = 0; i < 14; i++) {
            Shared step = world.advertised(i).share(world.cohort().roster(i));
            world.shared.put(i, step);
        }
        ShareBundle nonsense = nonsense(4);
        MaskingServer.checked(world.cohort(), 4, nonsense);
        var bundles = new ArrayList<>(world.bundles());
        bundles.set(4, nonsense);
        for (int i = 0; i < 14; i++) {
            if (i != 4) {
                var inbox = MaskingServer.inbox(world.cohort(), i, bundles);
                world.masked.put(i, world.shared(i).mask(inbox, world.oneHot(i)));
            }
        }
        world.unmask();
        // Nobody has a share of the bad device's masking key: the round is lost, but in a way that is noticed.
        assertThatThrownBy(world::sum).isInstanceOf(SharesMissingException.class);
    }

    /** Defence: {@code MessageRules}. */
    @Test
    void theServerTakesNoMessageThatWouldSpoilTheRoundOfOthers() throws Exception {
        world.advertise().share().mask().unmask();
        ShareBundle bundle = world.shared(2).message();
        assertMessageRefused(bundle.toBuilder().removeShares(1).build());
        assertMessageRefused(bundle.toBuilder().setRoundId("round-0").build());
        SealedShare unsigned = bundle.getShares(1).toBuilder()
                .setSignature(ByteString.copyFrom(new byte[64]))
                .build();
        assertMessageRefused(bundle.toBuilder().setShares(1, unsigned).build());
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
        assertMessageRefused(changed(bundle, share.toBuilder().setSender(4)));
        assertMessageRefused(changed(bundle, share.toBuilder().setRecipient(13)));
        assertMessageRefused(changed(bundle, resigned(2, share.getRecipient(), new byte[129])));
        assertMessageRefused(changed(bundle, resigned(3, share.getRecipient(), new byte[128])));
        MaskingServer.checked(world.cohort(), 2, changed(bundle, resigned(2, share.getRecipient(), new byte[128])));
    }

    /** Defence: each line of {@code MessageRules} about R3. */
    @Test
    void anUnmaskingGivesEachShareThatIsDueOnceAndNoOther() throws Exception {
        var ring = new RoundWorld(22, 40, RoundWorld.terms(64, 0.05, 0.1));
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
        inbox.setShares(0, sealed(1, noElements));
        inbox.setShares(1, sealed(2, secondIsNone));
        inbox.setShares(2, sealed(3, new byte[SharePair.BYTES - 1]));
        world.mask();
        var again = new RoundWorld(21, 14, RoundWorld.terms(16, 0.1, 0.2)); // the same to the bit, up to here
        again.advertise().share();
        Masked masked = again.shared(0).mask(inbox.build(), again.oneHot(0));
        world.attest();
        world.attested.put(0, masked.attest(world.signed(world.survivors()), world.server.verifyingKey()));
        Unmasking unmasking = world.unmask(0, world.attestations()).message();
        assertThat(unmasking.getSharesList())
                .extracting(RevealedShare::getOwner)
                .hasSize(10)
                .doesNotContain(1, 2, 3);
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
        assertThat(MaskingServer.unmask(world.cohort(), world.survivors(), sum, world.unmaskings()))
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
            assertThatThrownBy(() -> MaskingServer.cohort(terms, messages.subList(0, size)))
                    .isInstanceOf(CohortRefusedException.class);
        }
        assertThat(MaskingServer.cohort(terms, messages.subList(0, 6)).size()).isEqualTo(6);

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

    private SealedShare sealed(int sender, byte[] plain) throws Exception {
        byte[] sealed = SealingKey.seal(
                world.advertised(0).message().getSealingKey().toByteArray(),
                plain,
                world.cohort().context().sealingInfo(),
                RoundContext.sealingAssociated(sender, 0),
                world.random);
        return resigned(sender, 0, sealed).setSender(sender).build();
    }

    /** A share from device 2 with the signature of {@code signer}. */
    private SealedShare.Builder resigned(int signer, int recipient, byte[] sealed) {
        byte[] signed = world.cohort().context().signedShare(signer, recipient, sealed);
        return SealedShare.newBuilder()
                .setSender(2)
                .setRecipient(recipient)
                .setSealed(ByteString.copyFrom(sealed))
                .setSignature(
                        ByteString.copyFrom(world.members.get(signer).key().sign(Purpose.SEALED_SHARE, signed)));
    }

    private static ShareBundle changed(ShareBundle bundle, SealedShare.Builder second) {
        return bundle.toBuilder().setShares(1, second).build();
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

    private ShareBundle nonsense(int sender) {
        ShareBundle.Builder bundle = world.shared(sender).message().toBuilder();
        for (SealedShare.Builder share : bundle.getSharesBuilderList()) {
            byte[] sealed = world.random.bytes(share.getSealed().size());
            byte[] signed = world.cohort().context().signedShare(sender, share.getRecipient(), sealed);
            share.setSealed(ByteString.copyFrom(sealed))
                    .setSignature(
                            ByteString.copyFrom(world.members.get(sender).key().sign(Purpose.SEALED_SHARE, signed)));
        }
        return bundle.build();
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
