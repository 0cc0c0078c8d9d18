package dev.coppice.simulator.fleet;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import dev.coppice.agent.upload.DeviceGoneException;
import dev.coppice.agent.upload.Pause;
import dev.coppice.agent.upload.Step;
import dev.coppice.agent.upload.Transport;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.simulator.world.VirtualTime.Actor;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The network as one device sees it in virtual time: its messages take as long as its class's connection, and are lost, doubled,
 * held up and damaged as the settings say. Use on the device's thread.
 */
final class VirtualNetwork implements Transport, Pause {
    /** After which a device gives up on a reply. */
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private static final Duration HELD_UP = Duration.ofSeconds(2);
    private static final int OK = 200;

    private final Guest guest;
    private final Actor self;
    private final FleetSettings.Faults faults;
    private final Front front;
    private final int localSteps;
    private final SplittableRandom draws;
    private Optional<Step> pauses;
    private Optional<Step> gone = Optional.empty();

    /** Answers what comes in, in its own time. */
    interface Front {
        /** Takes a request; the exchange is told what came of it, now or later. */
        void take(String path, byte[] body, Exchange exchange);

        /** What is fetched without changing anything. */
        byte[] blob(String sha256) throws IOException;
    }

    /** One request that a device waits for. */
    final class Exchange {
        private @Nullable MessageLite reply;
        private int status;

        /** The device's place in orders. */
        int device() {
            return guest.device();
        }

        /** Whether the device still waits for it. */
        boolean isOpen() {
            return status == 0;
        }

        void answer(int ofReply, MessageLite message, Instant now) {
            if (status != 0) {
                return; // it came twice
            }
            status = ofReply;
            reply = message;
            go(now.plus(guest.down(message.getSerializedSize())).plus(work(message)));
        }

        void refuse(int ofReply, Instant now) {
            if (status == 0) {
                status = ofReply;
                go(now.plus(guest.down(0)));
            }
        }

        /** The server is not there, or its reply does not come. */
        void fail(Instant now) {
            if (status == 0) {
                status = -1;
                go(now);
            }
        }

        private void go(Instant at) {
            self.letGo(at, at.plus(guest.up(0)));
        }
    }

    VirtualNetwork(
            Guest guest, Actor self, FleetSettings.Faults faults, Front front, int localSteps, SplittableRandom draws) {
        this.guest = guest;
        this.self = self;
        this.faults = faults;
        this.front = front;
        this.localSteps = localSteps;
        this.draws = draws;
        pauses = guest.pauses();
    }

    /** The step that the device did not take, if it vanished. */
    Optional<Step> gone() {
        return gone;
    }

    /** Who is given a round, trains before it says anything more. */
    private Duration work(MessageLite reply) {
        return reply instanceof CheckInReply checkIn && checkIn.hasAssignment()
                ? guest.training(localSteps)
                : Duration.ZERO;
    }

    @Override
    public void sleep(Duration length) {
        self.pass(length);
    }

    /** Before a step that is not sent. */
    void reach(Step step) throws DeviceGoneException {
        if (guest.vanishes().filter(at -> at == step).isPresent()) {
            gone = Optional.of(step);
            throw new DeviceGoneException("the simulated device has left");
        }
        if (pauses.filter(at -> at == step).isPresent()) {
            pauses = Optional.empty();
            self.pass(guest.pause());
        }
    }

    @Override
    public Reply exchange(Request request) throws IOException, InterruptedException {
        String last = request.path().substring(request.path().lastIndexOf('/') + 1);
        if (request.method() == Method.GET) {
            byte[] blob = front.blob(last);
            self.pass(guest.up(0).plus(guest.down(blob.length)));
            return new Reply(OK, ByteString.copyFrom(blob));
        }
        Optional<Step> step = step(last);
        if (step.isPresent()) {
            reach(step.get());
        }
        return sent(request);
    }

    private Reply sent(Request request) throws IOException, InterruptedException {
        byte[] body = request.body().toByteArray();
        double jitter = guest.deviceClass().network().jitterMillis() * draws.nextDouble();
        Instant arrives = self.clock().plus(guest.up(body.length)).plus(Duration.ofNanos((long) (jitter * 1e6)));
        if (draws.nextDouble() < faults.reordering()) {
            arrives = arrives.plus(HELD_UP);
        }
        boolean isLost = draws.nextDouble() < faults.loss();
        boolean isReplyLost = draws.nextDouble() < faults.loss();
        boolean isDouble = draws.nextDouble() < faults.duplication();
        if (draws.nextDouble() < faults.corruption() && body.length > 0) {
            body[draws.nextInt(body.length)] ^= (byte) (1 << draws.nextInt(Byte.SIZE));
        }
        if (isLost) {
            self.pass(TIMEOUT);
            throw new IOException("the simulated message was lost");
        }
        Exchange exchange = new Exchange();
        if (isDouble) {
            self.cause(arrives.plus(HELD_UP), () -> front.take(request.path(), body, unheard()));
        }
        self.await(arrives, () -> front.take(request.path(), body, exchange));
        if (exchange.status < 0 || isReplyLost) {
            self.pass(isReplyLost ? TIMEOUT : Duration.ZERO);
            throw new IOException("the simulated reply was lost");
        }
        MessageLite reply = exchange.reply;
        return new Reply(exchange.status, reply == null ? ByteString.EMPTY : reply.toByteString());
    }

    /** Of a message that comes a second time: nobody hears the answer. */
    private Exchange unheard() {
        Exchange exchange = new Exchange();
        exchange.status = OK;
        return exchange;
    }

    private static Optional<Step> step(String last) {
        return switch (last) {
            case "advertise" -> Optional.of(Step.ADVERTISE);
            case "shares" -> Optional.of(Step.SHARES);
            case "masked" -> Optional.of(Step.MASKED_INPUT);
            case "attest" -> Optional.of(Step.ATTEST);
            case "unmask" -> Optional.of(Step.UNMASK);
            default -> Optional.empty();
        };
    }
}
