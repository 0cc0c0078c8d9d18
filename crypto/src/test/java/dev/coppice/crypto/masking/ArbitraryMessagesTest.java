package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.AttestationRoll;
import dev.coppice.protocol.round.CohortClosed;
import dev.coppice.protocol.round.KeyAgreement;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Openings;
import dev.coppice.protocol.round.RevealedShare;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.Sample;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.ShareInbox;
import dev.coppice.protocol.round.Unmasking;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Both sides are given what nobody would send: genuine messages with bytes changed, cut off, doubled, or of another device. A
 * device goes on or refuses, the server takes or refuses; nothing else is thrown, and nobody reveals two shares of one owner.
 */
@ParameterizedClass
@EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "UNRECOGNIZED")
class ArbitraryMessagesTest {
    private static final int DEVICES = 36;
    private static final int TRIES = 150;

    private final KeyAgreement agreement;

    ArbitraryMessagesTest(KeyAgreement agreement) {
        this.agreement = agreement;
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void theServerTakesOrRefuses(long seed) throws Exception {
        Random random = new Random(seed);
        var world = new RoundWorld(61, DEVICES, RoundWorld.terms(64, 0.05, 0.2, agreement));
        world.advertise();
        NonceOpening opening =
                world.openings(world.closed()).values().iterator().next();
        world.share(3).mask(5).attest(7).unmask(9);
        Cohort cohort = world.cohort();
        Signed survivors = world.signed(world.survivors());
        Sample sample = Sample.newBuilder()
                .setRoundId("round-1")
                .addIndices(1)
                .addIndices(4)
                .build();
        Attestations attestations = world.attestations();
        for (int i = 0; i < TRIES; i++) {
            int sender = random.nextInt(DEVICES);
            int other = 10 + random.nextInt(5);
            check(
                    random,
                    Advertisement.parser(),
                    world.advertised(other).message(),
                    changed -> MaskingServer.checked(
                            world.terms, changed, world.authority.verifyingKey(), RoundWorld.NOW));
            check(
                    random,
                    NonceOpening.parser(),
                    opening,
                    changed -> MaskingServer.checked(world.closed(), sender, changed));
            check(
                    random,
                    ShareBundle.parser(),
                    world.shared(other).message(),
                    changed -> MaskingServer.checked(cohort, sender, changed));
            check(
                    random,
                    MaskedInput.parser(),
                    world.masked(other).message(),
                    changed -> MaskedSum.check(world.terms, changed));
            check(
                    random,
                    Attestation.parser(),
                    world.attested(other).message(),
                    changed -> MaskingServer.checked(cohort, survivors, sender, changed));
            check(random, Sample.parser(), sample, changed -> attestations.open(changed));
            check(
                    random,
                    Unmasking.parser(),
                    world.unmaskings().getOrDefault(other, Unmasking.getDefaultInstance()),
                    changed -> MaskingServer.checked(cohort, world.survivors(), sender, changed));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void aDeviceGoesOnOrRefusesAndRevealsOneShareOfEachOwner(long seed) throws Exception {
        Random random = new Random(seed);
        var world = new RoundWorld(61, DEVICES, RoundWorld.terms(64, 0.05, 0.2, agreement));
        world.advertise().share().mask().attest();
        Signed survivors = world.signed(world.survivors());
        Attestations attestations = world.attestations();
        var fresh = new RoundWorld(61, DEVICES, RoundWorld.terms(64, 0.05, 0.2, agreement)); // the same to the bit
        fresh.advertise();
        for (int i = 0; i < DEVICES; i++) {
            walk(random, world, fresh, i, survivors, attestations);
        }
    }

    /** One device's way through the round, with one of the messages to it changed; each device tries another. */
    private static void walk(
            Random random, RoundWorld world, RoundWorld fresh, int i, Signed survivors, Attestations attestations)
            throws Exception {
        int changedStep = random.nextInt(6);
        try (Advertised advertised = fresh.advertised(i)) {
            if (world.closed().contributes(i)) {
                advertised.open(maybe(
                        random,
                        changedStep == 0,
                        CohortClosed.parser(),
                        world.closed().closed(i)));
            }
            Shared shared = advertised.share(maybe(
                    random, changedStep == 1, Roster.parser(), world.cohort().roster(i)));
            Masked masked =
                    shared.mask(maybe(random, changedStep == 2, ShareInbox.parser(), world.inbox(i)), world.oneHot(i));
            Attested attested = masked.attest(
                    maybe(random, changedStep == 3, Signed.parser(), survivors), world.server.verifyingKey());
            Sampling sampling =
                    attested.sample(maybe(random, changedStep == 4, AttestationRoll.parser(), attestations.roll()));
            Openings openings =
                    maybe(random, changedStep == 5, Openings.parser(), attestations.open(sampling.message()));
            Unmasking unmasking = sampling.unmask(openings).message();
            assertThat(unmasking.getSharesList())
                    .extracting(RevealedShare::getOwner)
                    .doesNotHaveDuplicates();
            assertThatThrownBy(() -> sampling.unmask(openings)).isInstanceOf(IllegalStateException.class);
        } catch (RoundRefusedException | MessageRefusedException refused) {
            assertThat(refused.getMessage()).isNotBlank();
        }
    }

    private static <M extends MessageLite> M maybe(Random random, boolean change, Parser<M> parser, M genuine) {
        return change ? changed(random, parser, genuine).orElse(genuine) : genuine;
    }

    private interface Check<M> {
        void of(M changed) throws Exception;
    }

    private static <M extends MessageLite> void check(Random random, Parser<M> parser, M genuine, Check<M> check)
            throws Exception {
        Optional<M> changed = changed(random, parser, genuine);
        if (changed.isPresent()) {
            try {
                check.of(changed.get());
            } catch (MessageRefusedException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            }
        }
    }

    /** Empty if what came out is no message any more: that is the reader's to refuse. */
    private static <M extends MessageLite> Optional<M> changed(Random random, Parser<M> parser, M genuine) {
        byte[] bytes = genuine.toByteArray();
        byte[] other = spoilt(random.nextInt(4), random, bytes);
        try {
            return Optional.of(parser.parseFrom(other));
        } catch (InvalidProtocolBufferException malformed) {
            return Optional.empty();
        }
    }

    private static byte[] spoilt(int kind, Random random, byte[] bytes) {
        byte[] other = bytes.clone();
        if (kind == 0) {
            for (int i = 0; i <= random.nextInt(4); i++) {
                other[random.nextInt(bytes.length)] ^= (byte) (1 + random.nextInt(255));
            }
        } else if (kind == 1) {
            other = Arrays.copyOf(bytes, random.nextInt(bytes.length));
        } else if (kind == 2) {
            other = Arrays.copyOf(bytes, 2 * bytes.length); // repeated fields twice, others once more
            System.arraycopy(bytes, 0, other, bytes.length, bytes.length);
        } else {
            for (int index : List.of(random.nextInt(bytes.length), random.nextInt(bytes.length))) {
                other[index] = (byte) random.nextInt(256);
            }
        }
        return other;
    }
}
