package dev.coppice.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.coppice.agent.Participation;
import dev.coppice.agent.upload.BoundedHttp;
import dev.coppice.agent.upload.HttpTransport;
import dev.coppice.agent.upload.Transport;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.world.DropoutPlan;
import dev.coppice.simulator.world.Fleet;
import dev.coppice.simulator.world.RoundBoard;
import dev.coppice.simulator.world.SwitchedRandom;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A clip norm that follows the updates: real agents, and the aggregator in a process of its own, which learns how many
 * updates were within the norm from a count that is part of the sum.
 */
class AdaptiveClipTest {
    private static final int DEVICES = 8;
    private static final int ROUNDS = 3;
    private static final double QUANTILE = 0.45; // of 8 devices no whole number: a norm that stays would show

    @TempDir
    private Path folder;

    private final SortedMap<Integer, RoundTerms> terms = new ConcurrentSkipListMap<>();

    /** Without noise, what the next norm says of the last round's count is a whole number of devices. */
    @Test
    void theNormOfTheNextRoundFollowsFromHowManyUpdatesWereWithinTheLast() throws Exception {
        play(OptionalDouble.empty());

        for (int round = 1; round < ROUNDS; round++) {
            double devices = DEVICES * part(round);
            assertThat(devices).isCloseTo(Math.rint(devices), within(0.1)).isBetween(-0.1, DEVICES + 0.1);
        }
    }

    /** The count is paid for together with the update: each device's account is that of the whole vector. */
    @Test
    void devicesPayForTheCountTogetherWithTheUpdateInAllRounds() throws Exception {
        double spent = play(OptionalDouble.of(8));

        for (int round = 1; round <= ROUNDS; round++) {
            RoundTerms said = of(round);
            NoisePlan plan = NoisePlan.verify(said.getEncoding(), said.getPrivacy(), said.getCohort());
            assertThat(plan.encoding().indicator()).isPositive();
            assertThat(plan.encoding().clipNorm() * plan.encoding().scale())
                    .isCloseTo(
                            of(1).getEncoding().getClipNorm()
                                    * of(1).getEncoding().getScale(),
                            within(1e-6));
            assertThat(plan.epsilon()).isLessThanOrEqualTo(8);
            assertThat(spent).isCloseTo(plan.epsilon(), within(1e-2));
        }
        assertThat(part(1)).isBetween(-1e-9, 1 + 1e-9);
        assertThat(of(2).getEncoding().getClipNorm())
                .isNotEqualTo(of(1).getEncoding().getClipNorm());
    }

    /** The part of a round's updates that were within its norm, as the next one's tells. */
    private double part(int round) {
        double step = Math.log(of(round).getEncoding().getClipNorm()
                / of(round + 1).getEncoding().getClipNorm());
        return step / 0.2 + QUANTILE;
    }

    private RoundTerms of(int round) {
        return Objects.requireNonNull(terms.get(round), "nobody was told terms of this round");
    }

    /** Plays all rounds, and tells the epsilon of the device that spent most. */
    private double play(OptionalDouble epsilon) throws Exception {
        DemoSettings settings = new DemoSettings(
                DEVICES,
                ROUNDS,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0,
                epsilon,
                OptionalDouble.of(QUANTILE),
                DemoSettings.MERGE_RULE,
                OptionalLong.of(3),
                folder);
        OutFolder out = OutFolder.prepare(folder);
        InstantSource clock = InstantSource.system();
        try (Material material = Material.gather(settings, 3, out.kit());
                HttpClient client = HttpClient.newHttpClient();
                Services services = Services.start(settings, material, out, client)) {
            RoundBoard board = new RoundBoard(DEVICES);
            Fleets fleets = new Fleets(settings, material, services.trust(), clock);
            Transport transport = new HttpTransport(
                    new BoundedHttp(client), services.aggregator().address(), Duration.ofMinutes(1));
            try (Fleet fleet = fleets.online(listening(transport), board, out::device)) {
                List<byte[]> tokens = services.admin().enrolmentTokens(DEVICES, Fleets.POPULATION);
                for (var device : fleet.devices()) {
                    device.enrol(tokens.get(device.index()));
                    device.learnTexts();
                }
                DropoutPlan nobody =
                        DropoutPlan.draw(0, DEVICES, ROUNDS, SwitchedRandom.of(settings.seed(), "drop-outs"));
                RoundLeader leader = new RoundLeader(
                        services.admin(),
                        services.taskId(),
                        new RoundLeader.Scene(services.aggregator(), fleet, board, nobody),
                        clock,
                        Progress.silent());
                for (int round = 1; round <= ROUNDS; round++) {
                    var led = leader.next(round).orElseThrow();
                    assertThat(led.round().completed()).isTrue();
                    assertThat(led.participations()).hasOnlyElementsOfType(Participation.TookPart.class);
                }
                double most = 0;
                for (var device : fleet.devices()) {
                    most = Math.max(most, device.epsilonSpent());
                }
                return most;
            }
        }
    }

    private Transport listening(Transport real) {
        return request -> {
            Transport.Reply reply = real.exchange(request);
            if (request.path().equals("/v1/checkin")) {
                note(reply);
            }
            return reply;
        };
    }

    private void note(Transport.Reply reply) throws InvalidProtocolBufferException {
        CheckInReply answer = CheckInReply.parseFrom(reply.body());
        if (answer.hasAssignment()) {
            RoundTerms said =
                    RoundTerms.parseFrom(answer.getAssignment().getTerms().getPayload());
            terms.put(said.getNumber(), said);
        }
    }
}
