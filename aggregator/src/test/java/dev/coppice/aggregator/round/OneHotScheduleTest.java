package dev.coppice.aggregator.round;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.round.RoundWorld.Actor;
import dev.coppice.aggregator.round.RoundWorld.Extras;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.RoundReply;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Device i puts in the unit vector i, and everything happens at once: devices act in any order, their messages are late,
 * lost, doubled or overtaken, devices crash, deadlines pass. Counts as failure: a sum that is not exactly the devices whose
 * masked input was taken, a round that does not end, a device that refuses what an honest server says.
 */
class OneHotScheduleTest {
    private static final int DEVICES = 10;
    private static final int EVENTS = 600;

    @TempDir
    Path folder;

    /** A message on its way; it may arrive more than once. */
    private record InFlight(Player sender, Send send) {}

    private interface Send {
        RoundReply to(Intake intake) throws Exception;
    }

    private static final class Player {
        final Actor actor;
        int stage;
        boolean crashed;
        Optional<Send> awaited = Optional.empty();

        Player(Actor actor) {
            this.actor = actor;
        }
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void theSumIsExactlyThatOfTheDevicesWhoseInputWasTakenOrThereIsNone(long seed) throws Exception {
        Random random = new Random(seed);
        String keyAgreement = seed % 2 == 0 ? "\"x25519-mlkem768\"" : "null";
        RoundWorld world =
                new RoundWorld(new MemoryStore(), folder, DEVICES, 1, new Extras("null", keyAgreement, "null"));
        List<Player> players = world.actors.stream().map(Player::new).toList();
        List<InFlight> network = new ArrayList<>();
        int crashes = random.nextInt(4);
        for (int event = 0; event < EVENTS && !over(world); event++) {
            int draw = random.nextInt(100);
            Player player = players.get(random.nextInt(DEVICES));
            if (draw == 0) {
                world.deadline();
            } else if (draw == 1 && crashes > 0) {
                player.crashed = true;
                crashes--;
            } else if (draw < 50 && !player.crashed && player.awaited.isEmpty()) {
                act(world, player, network);
            } else if (!network.isEmpty()) {
                deliver(world, network, random);
            }
        }
        for (int i = 0; i < Phase.values().length && !over(world); i++) {
            world.deadline();
        }
        assertThat(over(world) || world.round(1).phase() == Phase.ADVERTISING).isTrue();
        if (world.round(1).phase() == Phase.COMPLETED) {
            Set<String> taken = world.store.devices(world.round(1).id(), Step.MASKED);
            List<Integer> expected = world.actors.stream()
                    .map(actor -> taken.contains(actor.device.id()) ? 1 : 0)
                    .toList();
            assertThat(world.counts(world.round(1))).as("seed %d", seed).isEqualTo(expected);
        }
    }

    private static boolean over(RoundWorld world) {
        return world.round(1).phase().isOver();
    }

    /** Takes a device's next step, if what it waits for is there, and sends the message off. */
    private static void act(RoundWorld world, Player player, List<InFlight> network) throws Exception {
        Actor actor = player.actor;
        List<Poll.Step> awaited =
                List.of(Poll.Step.ROSTER, Poll.Step.INBOX, Poll.Step.SURVIVORS, Poll.Step.ATTESTATIONS);
        boolean mayAct = player.stage == 0
                ? world.round(1).phase() == Phase.ADVERTISING && actor.checkIn().hasAssignment()
                : player.stage <= awaited.size() && isThere(actor.poll(awaited.get(player.stage - 1)));
        if (!mayAct) {
            return;
        }
        Send send = send(player.stage, actor);
        player.awaited = Optional.of(send);
        network.add(new InFlight(player, send));
    }

    private static boolean isThere(RoundReply reply) {
        return reply.hasRoster() || reply.hasInbox() || reply.hasSurvivors() || reply.hasAttestations();
    }

    private static Send send(int stage, Actor actor) throws Exception {
        return switch (stage) {
            case 0 -> {
                var message = actor.advertisement();
                yield intake -> intake.advertise(actor.device, actor.roundId, message);
            }
            case 1 -> {
                var message = actor.bundle();
                yield intake -> intake.share(actor.device, actor.roundId, message);
            }
            case 2 -> {
                var message = actor.masked();
                yield intake -> intake.mask(actor.device, actor.roundId, message, SentBytes.of(message.toByteString()));
            }
            case 3 -> {
                var message = actor.attestation();
                yield intake -> intake.attest(actor.device, actor.roundId, message);
            }
            default -> {
                var message = actor.unmasking();
                yield intake -> intake.unmask(actor.device, actor.roundId, message);
            }
        };
    }

    /** Any message may come next, and come again. */
    private static void deliver(RoundWorld world, List<InFlight> network, Random random) throws Exception {
        int index = random.nextInt(network.size());
        InFlight message = random.nextInt(3) == 0 ? network.get(index) : network.remove(index);
        try {
            RoundReply reply = message.send().to(world.intake);
            boolean awaited =
                    message.sender().awaited.filter(message.send()::equals).isPresent();
            if (reply.hasReceived() && awaited) {
                message.sender().awaited = Optional.empty();
                message.sender().stage++;
            }
        } catch (RequestRefusedException refused) {
            assertThat(refused.kind()).as(refused.getMessage()).isNotEqualTo(RequestRefusedException.Kind.MALFORMED);
        }
    }
}
