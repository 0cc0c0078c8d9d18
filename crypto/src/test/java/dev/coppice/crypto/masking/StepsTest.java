package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.internal.Shamir;
import dev.coppice.crypto.masking.SeedKeys.Use;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.RevealedShare;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.ShareInbox;
import dev.coppice.protocol.round.Unmasking;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Each step of a device is taken once, and leaves nothing secret behind: the types of the steps are the defence. */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNRECOGNIZED")
class StepsTest {
    private final KeyAgreement agreement;
    private final RoundWorld world;

    StepsTest(KeyAgreement agreement) {
        this.agreement = agreement;
        this.world = new RoundWorld(14, 5, RoundWorld.terms(16, 0.05, 0.2, agreement));
    }

    @BeforeEach
    void advertise() throws Exception {
        world.advertise();
    }

    /** Two bundles of one device would be shares of two polynomials; two inputs under one mask give their difference. */
    @Test
    void noStepIsTakenTwice() throws Exception {
        world.share();
        assertThatThrownBy(() -> world.advertised(0).share(world.cohort().roster(0)))
                .isInstanceOf(IllegalStateException.class);
        world.mask();
        assertThatThrownBy(() -> world.shared(0).mask(world.inbox(0), world.oneHot(1)))
                .isInstanceOf(IllegalStateException.class);
        world.attest();
        assertThatThrownBy(() -> world.masked(0).attest(world.signed(world.survivors()), world.server.verifyingKey()))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aRefusedStepEndsTheRoundForTheDevice() {
        assertThatThrownBy(() -> world.advertised(0).share(Roster.getDefaultInstance()))
                .isInstanceOf(RoundRefusedException.class);
        assertThatThrownBy(() -> world.advertised(0).share(world.cohort().roster(0)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anInputOfAnotherLengthIsOurMistakeAndNotMasked() throws Exception {
        world.share();
        assertThatThrownBy(() -> world.shared(0).mask(world.inbox(0), new int[15]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void secretsAreWipedWhereverARoundEnds() throws Exception {
        DeviceSecrets closed = secrets(1);
        advertised(closed).close();
        assertWiped(closed);

        DeviceSecrets refused = secrets(2);
        Advertised first = advertised(refused);
        assertThatThrownBy(() -> first.share(Roster.getDefaultInstance())).isInstanceOf(RoundRefusedException.class);
        assertWiped(refused);

        DeviceSecrets passedOn = secrets(3);
        Advertised second = advertised(passedOn);
        world.advertised.put(0, second);
        Shared shared = second.share(world.rosterWith(0, second.message()));
        second.close();
        passedOn.masking().use(bytes -> assertThat(bytes).isNotEqualTo(new byte[32]));
        assertThatThrownBy(() -> shared.mask(ShareInbox.getDefaultInstance(), new int[16]))
                .isInstanceOf(RoundRefusedException.class);
        assertWiped(passedOn);
    }

    @Test
    void secretsAreWipedOnceTheInputIsMasked() throws Exception {
        DeviceSecrets secrets = secrets(4);
        Advertised step = advertised(secrets);
        world.advertised.put(0, step);
        List<Advertisement> messages = world.advertisements();
        Cohort cohort = MaskingServer.close(world.terms, messages).with(Map.of());
        for (int i = 0; i < 5; i++) {
            world.shared.put(i, world.advertised(i).share(cohort.roster(i)));
        }
        Shared shared = world.shared(0);
        shared.mask(new SealedShares(cohort, world.bundles()).inbox(0), new int[16]);
        assertWiped(secrets);
        assertThatThrownBy(() -> shared.pairs.keyTo(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> shared.pairs.maskKey(1)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> shared.pairs.sealingKem.use(key -> key)).isInstanceOf(IllegalStateException.class);
        if (world.terms.hybrid()) {
            assertThatThrownBy(() -> shared.pairs.sealTo(1).after(new byte[0]))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> shared.pairs.maskTo(1).after(new byte[0]))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    /** Defence: the threshold in {@link Advertised}: with fewer shares the server must learn nothing of either secret. */
    @Test
    void oneShareFewerThanTheThresholdGivesNeitherSecret() throws Exception {
        var ring = new RoundWorld(17, 9, RoundWorld.terms(16, 0.05, 0.2, agreement));
        ring.advertise().share().mask(7).unmask();
        int threshold = ring.cohort().parameters().of(0).threshold();
        VerifiedMember survivor = ring.cohort().member(0);
        VerifiedMember dropped = ring.cohort().member(7);
        byte[] termsHash = ring.terms.hash();
        assertThat(RoundContext.selfMaskCheck(termsHash, combined(ring, 0, threshold)))
                .isEqualTo(survivor.selfMaskCheck());
        assertThat(SeedKeys.exchangePublic(termsHash, Use.MASKING, combined(ring, 7, threshold)))
                .isEqualTo(dropped.maskingKey());
        for (int fewer = 1; fewer < threshold; fewer++) {
            assertThat(RoundContext.selfMaskCheck(termsHash, combined(ring, 0, fewer)))
                    .isNotEqualTo(survivor.selfMaskCheck());
            assertThat(SeedKeys.exchangePublic(termsHash, Use.MASKING, combined(ring, 7, fewer)))
                    .isNotEqualTo(dropped.maskingKey());
        }
    }

    /** What the first {@code count} neighbours' shares of a device's secret give together. */
    private static byte[] combined(RoundWorld ring, int owner, int count) {
        int[] points = new int[count];
        byte[][] shares = new byte[count][];
        int found = 0;
        for (int sender = 0; sender < ring.members.size() && found < count; sender++) {
            for (RevealedShare share : ring.unmaskings()
                    .getOrDefault(sender, Unmasking.getDefaultInstance())
                    .getSharesList()) {
                if (share.getOwner() == owner) {
                    points[found] = Neighbourhood.point(sender);
                    shares[found++] = share.getShare().toByteArray();
                }
            }
        }
        assertThat(found).isEqualTo(count);
        return Shamir.combine(points, shares);
    }

    private DeviceSecrets secrets(int fill) {
        byte[] bytes = new byte[32];
        Arrays.fill(bytes, (byte) fill);
        return new DeviceSecrets(
                SecretBytes.random(world.random, SeedKeys.SEED_BYTES), SecretBytes.of(bytes), SecretBytes.of(bytes));
    }

    private Advertised advertised(DeviceSecrets secrets) throws RoundRefusedException {
        Member own = world.members.get(0);
        var round = new DeviceRound(
                world.terms,
                own,
                Credential.unverified(own.certificate()),
                Peers.of(world.authority.verifyingKey()),
                RoundWorld.NOW,
                world.random);
        Advertisement message = world.advertised(0).message().toBuilder()
                .mergeFrom(secrets.publicKeys(world.terms))
                .build();
        return new Advertised(round, secrets, new byte[32], world.resigned(message, own));
    }

    private static void assertWiped(DeviceSecrets secrets) {
        assertThatThrownBy(() -> secrets.masking().use(bytes -> bytes)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> secrets.selfMask().use(bytes -> bytes)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> secrets.sealing().use(bytes -> bytes)).isInstanceOf(IllegalStateException.class);
    }
}
