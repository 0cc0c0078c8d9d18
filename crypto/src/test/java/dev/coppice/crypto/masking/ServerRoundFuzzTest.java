package dev.coppice.crypto.masking;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.code_intelligence.jazzer.mutation.annotation.NotNull;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Unmasking;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The server is sent anything, by any device, in any order: genuine messages, spoilt ones, other devices'. It keeps the first of
 * each device and step that it takes, and goes on with what it has: the sum is exactly the survivors', or there is none.
 */
class ServerRoundFuzzTest {
    private static final int DEVICES = 36;
    private static final int SCRIPT_BYTES = 400;
    private static final int SCRIPTS = 15;

    /** A round that was played to its end, some devices having left at each step. */
    private record Played(RoundWorld world, Map<Integer, NonceOpening> openings, Signed survivors) {
        static final Played ONCE = make();

        private static Played make() {
            try {
                var world = new RoundWorld(61, DEVICES, RoundWorld.terms(64, 0.05, 0.2));
                world.advertise();
                var openings = world.openings(world.closed());
                world.share(3).mask(5).attest(7).unmask(9);
                return new Played(world, openings, world.signed(world.survivors()));
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    /** What the server has taken. */
    private static final class Server {
        private final Played played = Played.ONCE;
        private final RoundWorld world = played.world();
        private final Map<Integer, NonceOpening> openings = new HashMap<>();
        private final Map<Integer, ShareBundle> bundles = new HashMap<>();
        private final Map<Integer, Attestation> attestations = new HashMap<>();
        private final Map<Integer, Unmasking> unmaskings = new HashMap<>();

        void receive(Script script) throws Exception {
            int sender = script.below(DEVICES);
            int writer = script.below(6) == 0 ? script.below(DEVICES) : sender;
            switch (script.below(4)) {
                case 0 -> {
                    NonceOpening message = sent(script, NonceOpening.parser(), played.openings(), writer);
                    openings.putIfAbsent(sender, MaskingServer.checked(world.closed(), sender, message));
                }
                case 1 -> {
                    ShareBundle message = sent(script, ShareBundle.parser(), world.bundles(), writer);
                    bundles.putIfAbsent(sender, MaskingServer.checked(world.cohort(), sender, message));
                }
                case 2 -> {
                    Map<Integer, Attestation> all = new HashMap<>();
                    world.attested.forEach((index, step) -> all.put(index, step.message()));
                    Attestation message = sent(script, Attestation.parser(), all, writer);
                    attestations.putIfAbsent(
                            sender, MaskingServer.checked(world.cohort(), played.survivors(), sender, message));
                }
                default -> {
                    Unmasking message = sent(script, Unmasking.parser(), world.unmaskings(), writer);
                    unmaskings.putIfAbsent(
                            sender, MaskingServer.checked(world.cohort(), world.survivors(), sender, message));
                }
            }
        }

        private static <M extends MessageLite> M sent(
                Script script, Parser<M> parser, Map<Integer, M> genuine, int writer) throws Exception {
            M message = genuine.get(writer);
            return script.maybeSpoilt(parser, message == null ? parser.parseFrom(new byte[0]) : message);
        }

        /** With what devices really sent for whatever never came: the rest of the round is not tried by too few messages. */
        int[] sum() throws Exception {
            for (int i : world.shared.keySet()) {
                bundles.putIfAbsent(i, world.shared(i).message());
            }
            world.unmaskings().forEach(unmaskings::putIfAbsent);
            return MaskingServer.unmask(
                            world.cohort(),
                            0,
                            new SealedShares(world.cohort(), bundles),
                            world.survivors(),
                            world.maskedSum(),
                            unmaskings)
                    .values();
        }
    }

    @FuzzTest
    void whateverTheServerIsSentTheSumIsExactOrThereIsNone(byte @NotNull [] bytes) throws Exception {
        play(new Script(bytes));
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void whateverTheServerIsSentBySeedsTheSumIsExactOrThereIsNone(long seed) throws Exception {
        for (int i = 0; i < SCRIPTS; i++) {
            play(Script.of(seed * SCRIPTS + i, SCRIPT_BYTES));
        }
    }

    private static void play(Script script) throws Exception {
        Server server = new Server();
        while (script.goesOn()) {
            try {
                server.receive(script);
            } catch (MessageRefusedException refused) {
                assertThat(refused.getMessage()).isNotBlank();
            }
        }
        try {
            Cohort cohort = server.world.closed().with(server.openings);
            assertThat(cohort.size()).isEqualTo(DEVICES);
        } catch (CohortRefusedException tooFew) {
            assertThat(server.openings).hasSizeLessThan(Played.ONCE.openings().size());
        }
        try {
            MaskingServer.attestations(server.world.cohort(), server.attestations);
        } catch (CohortRefusedException tooFew) {
            assertThat(server.attestations).hasSizeLessThan(server.world.attested.size());
        }
        try {
            assertThat(server.sum()).isEqualTo(server.world.expected());
        } catch (SharesMissingException tooFew) {
            assertThat(tooFew.getMessage()).isNotBlank();
        }
    }
}
