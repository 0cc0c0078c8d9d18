package dev.coppice.simulator.world;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.coppice.agent.upload.DeviceGoneException;
import dev.coppice.agent.upload.Transport;
import dev.coppice.simulator.world.DropoutPlan.Step;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The network as one device sees it: the real one, until the device vanishes. Counts what crosses it and tells which
 * steps of a round were answered.
 */
public final class DeviceNetwork implements Transport {
    private final Transport real;
    private final int device;
    private final RoundBoard board;

    @GuardedBy("this")
    private @Nullable Step vanishesBefore;

    @GuardedBy("this")
    private boolean gone;

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

    /** A new round: the device is back, and vanishes before that step, if at all. */
    public synchronized void startRound(Optional<Step> vanishesBeforeStep) {
        gone = false;
        vanishesBefore = vanishesBeforeStep.orElse(null);
    }

    /** The rounds are over: the device stays. */
    public synchronized void stay() {
        startRound(Optional.empty());
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
        mayStillSpeak(step);
        Reply reply = real.exchange(request);
        count(request, reply);
        if (step.isPresent() && reply.status() / 100 == 2) {
            board.answered(device, step.get());
        }
        return reply;
    }

    @Override
    public boolean carriesHeaders() {
        return real.carriesHeaders();
    }

    private synchronized void mayStillSpeak(Optional<Step> step) throws DeviceGoneException {
        if (step.isPresent() && step.get() == vanishesBefore) {
            gone = true;
        }
        if (gone) {
            throw new DeviceGoneException("the simulated device has left the network");
        }
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
