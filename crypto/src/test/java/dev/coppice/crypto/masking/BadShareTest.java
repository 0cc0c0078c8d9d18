package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.RevealedShare.Secret;
import dev.coppice.protocol.round.SealedShare;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Unmasking;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What bad devices may try on a round: they can spoil it, and never bend its sum. */
class BadShareTest {
    private final RoundWorld world = new RoundWorld(21, 14, RoundWorld.terms(16, 0.1, 0.2));

    /** Defence: the predicates in {@link SumRecovery}, by which {@link SecretRecovery} tries other shares. */
    @Test
    void wrongSharesOfTwoDevicesAreNoticedAndDoneWithout() throws Exception {
        world.advertise().share().mask(3).unmask();
        Map<Integer, Unmasking> messages = world.unmaskings();
        messages.computeIfPresent(0, (index, good) -> spoiled(good));
        messages.computeIfPresent(1, (index, good) -> spoiled(good));
        MaskingServer.checked(
                world.cohort(), world.survivors(), 0, messages.getOrDefault(0, Unmasking.getDefaultInstance()));
        assertThat(MaskingServer.unmask(world.cohort(), world.survivors(), world.maskedSum(), messages))
                .isEqualTo(world.expected());
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
        var bundles = new java.util.ArrayList<>(world.bundles());
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
        var message = world.advertise(world.terms, member).message().toBuilder()
                .setMaskingKey(ByteString.copyFrom(new byte[32]))
                .build();
        byte[] signed = VerifiedMember.signedBytes(world.terms.hash(), message);
        var resigned = message.toBuilder()
                .setSignature(ByteString.copyFrom(member.key().sign(Purpose.ADVERTISEMENT, signed)))
                .build();
        assertThatThrownBy(() ->
                        MaskingServer.checked(world.terms, resigned, world.authority.verifyingKey(), RoundWorld.NOW))
                .isInstanceOf(MessageRefusedException.class)
                .hasMessageContaining("small order");
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
