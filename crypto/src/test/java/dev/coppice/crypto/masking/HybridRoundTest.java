package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.internal.MlKem;
import dev.coppice.crypto.masking.Fault.Kind;
import dev.coppice.crypto.masking.RoundRefusedException.Rule;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Complaint;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.SealedShare;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.ShareInbox;
import dev.coppice.protocol.round.Unmasking;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What bad devices and a lying server may try on what hybrid rounds add: ciphertexts, and the seeds that give them. */
class HybridRoundTest {
    private static final int DEVICES = 14;
    /** It decides on the masks that it shares with all but device 0. */
    private static final int BAD = 1;

    private static final int HOLDER = 4;

    private final RoundWorld world =
            new RoundWorld(81, DEVICES, RoundWorld.terms(16, 0.1, 0.2, KeyAgreement.X25519_MLKEM768));

    // ------------------------------------------------------------------------------------------------- a lying server

    /** Defence: {@code acceptSeed} in {@link HeldShares}: no mask is better than one that the server can take off. */
    @Test
    void whoLacksTheSeedOfAMaskLeavesTheRound() throws Exception {
        world.advertise().share();
        ShareInbox good = world.inbox(HOLDER);
        byte[] theirs = world.advertised(HOLDER).message().getSealingKemKey().toByteArray();
        ByteString made = ByteString.copyFrom(
                Encapsulation.to(theirs, world.random.bytes(32)).ciphertext());
        ShareInbox.Builder inbox = good.toBuilder();
        assertThat(inbox.getShares(BAD).getSender()).isEqualTo(BAD);
        inbox.getSharesBuilder(BAD).setSealCiphertext(made);
        assertRefused(() -> world.shared(HOLDER).mask(inbox.build(), world.oneHot(HOLDER)));
    }

    /** Of a higher neighbour a device lacks only a share. */
    @Test
    void whoLacksAShareOnlyGoesOnWithoutIt() throws Exception {
        world.advertise().share();
        ShareInbox.Builder inbox = world.inbox(HOLDER).toBuilder();
        assertThat(inbox.getShares(HOLDER).getSender()).isEqualTo(HOLDER + 1);
        inbox.getSharesBuilder(HOLDER).setSealed(ByteString.copyFrom(new byte[96]));
        for (int i = 0; i < DEVICES; i++) {
            ShareInbox theirs = i == HOLDER ? inbox.build() : world.inbox(i);
            world.masked.put(i, world.shared(i).mask(theirs, world.oneHot(i)));
        }
        assertThat(world.unmask().sum()).isEqualTo(world.expected());
    }

    /** Defence: {@code keyFrom} in {@link PairSecrets}. */
    @Test
    void aCiphertextOfAnotherLengthIsRefused() throws Exception {
        world.advertise().share();
        for (int sender : new int[] {BAD, HOLDER + 1}) {
            ShareInbox.Builder inbox = world.inbox(HOLDER).toBuilder();
            inbox.getSharesBuilder(sender < HOLDER ? sender : sender - 1).clearSealCiphertext();
            var fresh = new RoundWorld(81, DEVICES, world.terms.terms().toBuilder());
            fresh.advertise().share();
            assertRefused(() -> fresh.shared(HOLDER).mask(inbox.build(), fresh.oneHot(HOLDER)));
        }
        var classical = new RoundWorld(81, DEVICES, RoundWorld.terms(16, 0.1, 0.2));
        classical.advertise().share();
        ShareInbox.Builder inbox = classical.inbox(HOLDER).toBuilder();
        inbox.getSharesBuilder(0).setSealCiphertext(ByteString.copyFrom(new byte[1088]));
        assertRefused(() -> classical.shared(HOLDER).mask(inbox.build(), classical.oneHot(HOLDER)));
    }

    /** Defence: {@code encapsulate} in {@link PairSecrets} and the check of section 7.2 of FIPS 203. */
    @Test
    void aKeyThatIsNoneIsRefusedByServerAndDevices() throws Exception {
        world.advertise();
        Member member = world.members.get(BAD);
        Advertisement good = world.advertised(BAD).message();
        byte[] noKey = good.getSealingKemKey().toByteArray();
        Arrays.fill(noKey, 0, 3, (byte) -1);
        for (Advertisement.Builder bad : List.of(
                good.toBuilder().setSealingKemKey(ByteString.copyFrom(noKey)),
                good.toBuilder().setMaskingKemKey(ByteString.copyFrom(noKey)))) {
            Advertisement message = world.resigned(bad.build(), member);
            assertThatThrownBy(() ->
                            MaskingServer.checked(world.terms, message, world.authority.verifyingKey(), RoundWorld.NOW))
                    .isInstanceOf(MessageRefusedException.class)
                    .hasMessageContaining("ML-KEM-768");
            var fresh = new RoundWorld(81, DEVICES, world.terms.terms().toBuilder());
            fresh.advertise();
            assertThatThrownBy(() -> fresh.advertised(0).share(fresh.rosterWith(BAD, message)))
                    .isInstanceOfSatisfying(
                            RoundRefusedException.class,
                            refused -> assertThat(refused.rule()).isEqualTo(Rule.ADVERTISEMENT));
        }
    }

    // --------------------------------------------------------------------------------------------------- a bad device

    /** Defence: each line of {@code MessageRules} about ciphertexts. */
    @Test
    void theServerTakesEveryCiphertextThatIsDueAndNoOther() throws Exception {
        world.advertise().share();
        ShareBundle bundle = world.shared(BAD).message();
        MaskingServer.checked(world.cohort(), BAD, signed(bundle.toBuilder()));
        SealedShare lower = bundle.getShares(0);
        SealedShare higher = bundle.getShares(1);
        assertThat(lower.getMaskCiphertext()).isEmpty();
        ByteString other = bundle.getShares(2).getMaskCiphertext();
        for (ShareBundle.Builder bad : List.of(
                bundle.toBuilder().setShares(0, lower.toBuilder().clearSealCiphertext()),
                bundle.toBuilder().setShares(0, lower.toBuilder().setMaskCiphertext(other)),
                bundle.toBuilder().setShares(1, higher.toBuilder().clearMaskCiphertext()),
                bundle.toBuilder().setShares(1, higher.toBuilder().setMaskCiphertext(other)),
                bundle.toBuilder()
                        .setShares(
                                1,
                                higher.toBuilder()
                                        .setCommitments(higher.getCommitments().substring(0, 96))),
                bundle.toBuilder()
                        .setShares(
                                1,
                                higher.toBuilder().setSealed(higher.getSealed().substring(32))))) {
            assertThatThrownBy(() -> MaskingServer.checked(world.cohort(), BAD, signed(bad)))
                    .isInstanceOf(MessageRefusedException.class);
        }
        assertThatThrownBy(() -> resealed(seed -> seed, new byte[1087]))
                .as("though committed to")
                .isInstanceOf(MessageRefusedException.class);
    }

    /** Defence: {@code maskCiphertext} in {@link RevealedShares} and {@link HeldShares}. */
    @Test
    void aCiphertextThatTheSealedSeedDoesNotGiveIsProvenAgainstItsSender() throws Exception {
        world.advertise().share();
        byte[] theirs = world.advertised(HOLDER).message().getMaskingKemKey().toByteArray();
        byte[] another = Encapsulation.to(theirs, world.random.bytes(32)).ciphertext();
        Map<Integer, ShareBundle> bundles = world.bundles();
        bundles.put(BAD, resealed(seed -> seed, another));
        UnmaskedSum sum = played(bundles);
        assertThat(sum.values()).as("the seed was good").isEqualTo(world.expected());
        assertThat(sum.faults()).containsExactly(new Fault(BAD, HOLDER, Kind.WRONG_SHARE_SEALED));
    }

    /** A device can spoil any sum by what it puts in; by this it gives itself away besides. */
    @Test
    void aSeedThatItsCiphertextDoesNotComeFromSpoilsTheSumAndIsProven() throws Exception {
        world.advertise().share();
        byte[] honest = share(HOLDER).getMaskCiphertext().toByteArray();
        Map<Integer, ShareBundle> bundles = world.bundles();
        bundles.put(BAD, resealed(seed -> world.random.bytes(32), honest));
        UnmaskedSum sum = played(bundles);
        assertThat(sum.values()).isNotEqualTo(world.expected());
        assertThat(sum.faults()).containsExactly(new Fault(BAD, HOLDER, Kind.WRONG_SHARE_SEALED));
    }

    /** Defence: {@code maskCiphertext} in {@link RevealedShares}: or else an honest device were blamed. */
    @Test
    void aFalseComplaintOfASeedIsProvenAgainstWhoMadeIt() throws Exception {
        world.advertise().share();
        byte[] key = world.shared(BAD).pairs.keyTo(HOLDER);
        world.mask().unmask();
        Map<Integer, Unmasking> messages = world.unmaskings();
        messages.computeIfPresent(
                HOLDER,
                (index, good) -> good.toBuilder()
                        .removeShares(BAD)
                        .addComplaints(Complaint.newBuilder()
                                .setOwner(good.getShares(BAD).getOwner())
                                .setKey(ByteString.copyFrom(key)))
                        .build());
        UnmaskedSum sum = world.unmaskedSum(messages);
        assertThat(sum.values()).isEqualTo(world.expected());
        assertThat(sum.faults()).containsExactly(new Fault(HOLDER, BAD, Kind.FALSE_COMPLAINT));
    }

    /** Defence: the comparison in {@code encapsulation} of {@link SumRecovery}: or else the sum were spoilt unseen. */
    @Test
    void whoDropsOutAfterEncapsulatingByAnotherSeedIsProvenToHaveDoneSo() throws Exception {
        world.advertise().share();
        byte[] other = world.random.bytes(32);
        byte[] theirs = world.advertised(HOLDER).message().getMaskingKemKey().toByteArray();
        Map<Integer, ShareBundle> bundles = world.bundles();
        bundles.put(BAD, resealed(seed -> other, Encapsulation.to(theirs, other).ciphertext()));
        assertThatThrownBy(() -> played(bundles, BAD))
                .isInstanceOfSatisfying(
                        SharesMissingException.class,
                        missing -> assertThat(missing.faults())
                                .containsExactly(new Fault(BAD, HOLDER, Kind.WRONG_ENCAPSULATION)));
    }

    /** Defence: {@code gives} in {@link SumRecovery}. */
    @Test
    void whoDropsOutAndAdvertisedAKeyThatItsSeedDoesNotGiveIsBlamed() throws Exception {
        world.advertise();
        Advertised honest = world.advertised(HOLDER);
        Advertisement message = honest.message().toBuilder()
                .setMaskingKemKey(ByteString.copyFrom(MlKem.fastest().publicKey(world.random.bytes(64))))
                .build();
        Member member = world.members.get(HOLDER);
        DeviceRound round = new DeviceRound(
                world.terms,
                member,
                Credential.unverified(member.certificate()),
                Peers.of(world.authority.verifyingKey()),
                RoundWorld.NOW,
                world.random);
        world.advertised.put(
                HOLDER, new Advertised(round, honest.secrets, honest.nonce, world.resigned(message, member)));
        List<Advertisement> messages = new ArrayList<>();
        for (Advertisement each : world.advertisements()) {
            messages.add(MaskingServer.checked(world.terms, each, world.authority.verifyingKey(), RoundWorld.NOW));
        }
        world.close(messages);
        world.share().mask(HOLDER).unmask();
        assertThatThrownBy(world::sum)
                .isInstanceOfSatisfying(
                        SharesMissingException.class,
                        missing -> assertThat(missing.faults())
                                .containsExactly(new Fault(HOLDER, HOLDER, Kind.SHARES_INCONSISTENT)));
    }

    private interface Change {
        byte[] of(byte[] seed);
    }

    /** The bad device's bundle with another seed or ciphertext for one neighbour, to which it commits. */
    private ShareBundle resealed(Change change, byte[] ciphertext) throws Exception {
        SealedShare share = share(HOLDER);
        byte[] key = world.shared(BAD).pairs.keyTo(HOLDER);
        byte[] hash = Sha256.hash(share.getCommitments().toByteArray());
        byte[] plain = new ShareSeal()
                .open(key, share.getSealed().toByteArray(), RoundContext.sealAssociated(BAD, HOLDER, hash))
                .orElseThrow();
        byte[] changed = SharePair.join(ShareForm.shares(plain), change.of(ShareForm.seed(plain)));
        byte[] commitments = Commitments.of(world.cohort().context(), BAD, HOLDER, changed, key, ciphertext);
        byte[] associated = RoundContext.sealAssociated(BAD, HOLDER, Sha256.hash(commitments));
        ShareBundle.Builder bundle = world.shared(BAD).message().toBuilder();
        bundle.setShares(
                HOLDER - 1,
                share.toBuilder()
                        .setSealed(ByteString.copyFrom(new ShareSeal().seal(key, changed, associated)))
                        .setCommitments(ByteString.copyFrom(commitments))
                        .setMaskCiphertext(ByteString.copyFrom(ciphertext)));
        return MaskingServer.checked(world.cohort(), BAD, signed(bundle));
    }

    private SealedShare share(int recipient) {
        SealedShare share = world.shared(BAD).message().getShares(recipient - 1);
        assertThat(share.getRecipient()).isEqualTo(recipient);
        return share;
    }

    private ShareBundle signed(ShareBundle.Builder bundle) {
        byte[] signed = world.cohort().context().signedShares(BAD, bundle.getSharesList());
        return bundle.setSignature(
                        ByteString.copyFrom(world.members.get(BAD).key().sign(Purpose.SHARE_BUNDLE, signed)))
                .build();
    }

    private UnmaskedSum played(Map<Integer, ShareBundle> bundles, Integer... dropped) throws Exception {
        SealedShares sealed = new SealedShares(world.cohort(), bundles);
        for (int i = 0; i < DEVICES; i++) {
            if (!List.of(dropped).contains(i)) {
                world.masked.put(i, world.shared(i).mask(sealed.inbox(i), world.oneHot(i)));
            }
        }
        world.unmask();
        return MaskingServer.unmask(
                world.cohort(), 0, sealed, world.survivors(), world.maskedSum(), world.unmaskings());
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable attempt) {
        assertThatThrownBy(attempt)
                .isInstanceOfSatisfying(
                        RoundRefusedException.class,
                        refused -> assertThat(refused.rule()).isEqualTo(Rule.SHARE));
    }
}
