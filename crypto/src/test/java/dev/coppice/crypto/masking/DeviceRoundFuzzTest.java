package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.AttestationRoll;
import dev.coppice.protocol.round.CohortClosed;
import dev.coppice.protocol.round.Openings;
import dev.coppice.protocol.round.RevealedShare;
import dev.coppice.protocol.round.Roster;
import dev.coppice.protocol.round.ShareInbox;
import dev.coppice.protocol.round.Unmasking;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One device is told anything, at any of its steps, in any order and as often as one likes: genuine messages, spoilt ones,
 * other devices', another round's. It goes on, refuses, or says that the step was taken before; it masks one input at most, and
 * gives away one share of each owner at most.
 */
class DeviceRoundFuzzTest {
    private static final int DEVICES = 36;
    private static final int SCRIPT_BYTES = 60;
    private static final int SCRIPTS = 60;
    private static final long SEED = 61;

    /** A round that all devices took part in, and another of the same devices: where messages come from. */
    private record Worlds(RoundWorld own, RoundWorld other, Signed survivors, Attestations attestations) {
        static final Worlds ONCE = make();

        private static Worlds make() {
            try {
                RoundWorld own = played("round-1");
                return new Worlds(own, played("round-2"), own.signed(own.survivors()), own.attestations());
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        private static RoundWorld played(String round) throws Exception {
            var terms = RoundWorld.terms(64, 0.05, 0.2).setRoundId(round);
            return new RoundWorld(SEED, DEVICES, terms)
                    .advertise()
                    .share()
                    .mask()
                    .attest();
        }
    }

    /** The device, with every step that it reached. */
    private static final class Device {
        private final Worlds worlds = Worlds.ONCE;
        private final RoundWorld world = new RoundWorld(SEED, DEVICES, RoundWorld.terms(64, 0.05, 0.2));
        private final Advertised advertised;
        private Optional<Shared> shared = Optional.empty();
        private Optional<Masked> masked = Optional.empty();
        private Optional<Attested> attested = Optional.empty();
        private Optional<Sampling> sampling = Optional.empty();
        private final List<Unmasking> given = new ArrayList<>();
        private int inputs;

        Device() throws RoundRefusedException {
            advertised =
                    world.advertise(world.terms, world.members.get(0)); // to the bit as in the round that was played
        }

        /** @param spoil which message is used, and whether it is spoilt */
        void act(int step, Script spoil) throws Exception {
            RoundWorld source = spoil.below(8) == 0 ? worlds.other() : worlds.own();
            int about = spoil.below(8) == 0 ? spoil.below(DEVICES) : 0;
            switch (step) {
                case 0 ->
                    advertised.open(spoil.maybeSpoilt(
                            CohortClosed.parser(), source.closed().closed(about)));
                case 1 ->
                    shared = Optional.of(advertised.share(
                            spoil.maybeSpoilt(Roster.parser(), source.cohort().roster(about))));
                case 2 -> {
                    if (shared.isPresent()) {
                        var inbox = spoil.maybeSpoilt(ShareInbox.parser(), source.inbox(about));
                        masked = Optional.of(shared.get().mask(inbox, world.oneHot(0)));
                        inputs++;
                    }
                }
                case 3 -> {
                    if (masked.isPresent()) {
                        Signed said = source == worlds.own() ? worlds.survivors() : source.signed(source.survivors());
                        attested = Optional.of(masked.get()
                                .attest(spoil.maybeSpoilt(Signed.parser(), said), world.server.verifyingKey()));
                    }
                }
                case 4 -> {
                    if (attested.isPresent()) {
                        var roll = spoil.maybeSpoilt(
                                AttestationRoll.parser(), worlds.attestations().roll());
                        sampling = Optional.of(attested.get().sample(roll));
                    }
                }
                default -> {
                    if (sampling.isPresent()) {
                        Sampling drawn = sampling.get();
                        Openings openings = worlds.attestations().open(drawn.message());
                        given.add(drawn.unmask(spoil.maybeSpoilt(Openings.parser(), openings))
                                .message());
                    }
                }
            }
        }
    }

    @FuzzTest
    void whateverADeviceIsToldItRevealsOneShareOfEachOwner(byte @NotNull [] bytes) throws Exception {
        play(new Script(bytes));
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void whateverADeviceIsToldBySeedsItRevealsOneShareOfEachOwner(long seed) throws Exception {
        for (int i = 0; i < SCRIPTS; i++) {
            play(Script.of(seed * SCRIPTS + i, SCRIPT_BYTES));
        }
    }

    /** Otherwise all of this would try a device that refuses everything. */
    @Test
    void toldWhatIsRightTheDeviceGoesThrough() throws Exception {
        Device device = new Device();
        for (int step = 0; step < 6; step++) {
            if (step > 0 || device.worlds.own().closed().contributes(0)) {
                device.act(step, new Script(new byte[] {1, 1, 5})); // this round, this device, as it is
            }
        }
        assertThat(device.given).hasSize(1);
    }

    private static void play(Script script) throws Exception {
        Device device = new Device();
        int next = 0;
        while (script.goesOn()) {
            int step = script.below(4) == 0 ? script.below(6) : next;
            try {
                device.act(step, script);
                next = Math.min(5, step + 1);
            } catch (RoundRefusedException | MessageRefusedException | IllegalStateException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            }
        }
        assertThat(device.inputs).isLessThanOrEqualTo(1);
        assertThat(device.given).hasSizeLessThanOrEqualTo(1);
        Map<Integer, RevealedShare.Secret> byOwner = new HashMap<>();
        for (Unmasking message : device.given) {
            for (RevealedShare share : message.getSharesList()) {
                assertThat(byOwner.put(share.getOwner(), share.getSecret())).isNull();
            }
        }
    }
}
