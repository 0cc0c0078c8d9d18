package dev.coppice.simulator.world;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.coppice.agent.upload.DeviceGoneException;
import dev.coppice.agent.upload.Transport;
import dev.coppice.protocol.codec.MessageMalformedException;
import dev.coppice.protocol.codec.Messages;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.simulator.world.DropoutPlan.Step;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/**
 * The network as one device sees it: the real one, until the device vanishes. Counts what crosses it and tells which
 * steps of a round were sent and answered.
 */
public final class DeviceNetwork implements Transport {
    private final Transport real;
    private final int device;
    private final RoundBoard board;

    @GuardedBy("this")
    private Fate fate = Fate.STEADY;

    @GuardedBy("this")
    private boolean gone;

    @GuardedBy("this")
    private boolean paused;

    @GuardedBy("this")
    private final Set<Step> sent = EnumSet.noneOf(Step.class);

    @GuardedBy("this")
    private final Set<Step> answered = EnumSet.noneOf(Step.class);

    @GuardedBy("this")
    private long bytesUp;

    @GuardedBy("this")
    private long bytesDown;

    /**
     * A device's own view.
     *
     * @param board told of every step of a round that the aggregator answered
     */
    public DeviceNetwork(Transport real, int device, RoundBoard board) {
        this.real = real;
        this.device = device;
        this.board = board;
    }

    /** A new round: the device is back, until its fate has it. */
    public synchronized void startRound(Fate next) {
        gone = false;
        paused = false;
        fate = next;
        sent.clear();
        answered.clear();
    }

    /** The round is over: the device stays. */
    public synchronized void stay() {
        gone = false;
        fate = Fate.STEADY;
    }

    /** Steps of the last round that left the device. */
    public synchronized Set<Step> sent() {
        return Set.copyOf(sent);
    }

    /** Steps of the last round that the aggregator took, as far as the device heard. */
    public synchronized Set<Step> answered() {
        return Set.copyOf(answered);
    }

    /** Whether the device has vanished from the present round. */
    public synchronized boolean gone() {
        return gone;
    }

    public synchronized long bytesUp() {
        return bytesUp;
    }

    public synchronized long bytesDown() {
        return bytesDown;
    }

    @Override
    public Reply exchange(Request request) throws IOException, InterruptedException {
        Optional<Step> step = findStep(request.path());
        Thread.sleep(away(step));
        speak(step);
        Reply reply = real.exchange(request);
        count(request, reply);
        if (step.isPresent() && reply.status() / 100 == 2 && !isOver(reply)) {
            taken(step.get());
            board.answered(device, step.get());
        }
        return reply;
    }

    /** Whether it says that the round is not for this device any more. What cannot be read is the agent's to judge. */
    private static boolean isOver(Reply reply) {
        try {
            return Messages.parse(
                            RoundReply.parser(), reply.body(), reply.body().size())
                    .hasOver();
        } catch (MessageMalformedException e) {
            return false;
        }
    }

    /** For how long the device is away now: once in a round. */
    private synchronized Duration away(Optional<Step> step) {
        if (paused || step.isEmpty() || !step.equals(fate.pausesBefore())) {
            return Duration.ZERO;
        }
        paused = true;
        return fate.pause();
    }

    private synchronized void taken(Step step) {
        answered.add(step);
    }

    @Override
    public boolean carriesHeaders() {
        return real.carriesHeaders();
    }

    private synchronized void speak(Optional<Step> step) throws DeviceGoneException {
        if (step.isPresent() && step.equals(fate.vanishesBefore())) {
            gone = true;
        }
        if (gone) {
            throw new DeviceGoneException("the simulated device has left the network");
        }
        step.ifPresent(sent::add);
    }

    private synchronized void count(Request request, Reply reply) {
        bytesUp += request.body().size();
        bytesDown += reply.body().size();
    }

    private static Optional<Step> findStep(String path) {
        if (!path.startsWith("/v1/rounds/")) {
            return Optional.empty();
        }
        String last = path.substring(path.lastIndexOf('/') + 1);
        for (Step step : Step.values()) {
            if (step.path().equals(last)) {
                return Optional.of(step);
            }
        }
        return Optional.empty();
    }
}
