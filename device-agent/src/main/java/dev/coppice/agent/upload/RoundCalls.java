package dev.coppice.agent.upload;

import com.google.protobuf.MessageLite;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.protocol.round.Openings;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.protocol.round.Sample;
import dev.coppice.protocol.round.Wait;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/**
 * Sends the steps of one round, each signed by the device, and waits for what follows each of them. Use on one
 * thread.
 */
public final class RoundCalls {
    private static final int REPLY_BYTES_MAX = 1 << 23;
    private static final Duration WAIT_MIN = Duration.ofMillis(20);
    private static final Duration WAIT_MAX = Duration.ofMinutes(1);

    private final Wire wire;
    private final Pause pause;
    private final InstantSource clock;
    private final Instant until;
    private final Sender sender;
    private final String roundId;

    /**
     * @param patience how long the whole round may take before the device leaves it
     * @param sender signs every message
     */
    public RoundCalls(Wire wire, Pause pause, InstantSource clock, Duration patience, Sender sender, String roundId) {
        this.wire = wire;
        this.pause = pause;
        this.clock = clock;
        this.until = clock.instant().plus(patience);
        this.sender = sender;
        this.roundId = roundId;
    }

    /**
     * Sends a step, and polls until its answer is there.
     *
     * @return a reply that holds what {@code awaits} names
     */
    RoundReply send(String endpoint, Purpose purpose, MessageLite message, Poll.Step awaits)
            throws IOException, InterruptedException, ServerRefusedException, RoundOverException {
        RoundReply reply = post(endpoint, purpose, message);
        Poll poll = Poll.newBuilder().setRoundId(roundId).setAwaits(awaits).build();
        if (reply.hasReceived()) {
            reply = post("poll", Purpose.POLL, poll);
        }
        while (!answers(reply, awaits)) {
            if (!reply.hasReceived() && !reply.hasWait()) {
                throw new IOException(
                        "the aggregator answered " + reply.getAnswerCase() + " where " + awaits.name() + " was due");
            }
            waitFor(reply.getWait());
            reply = post("poll", Purpose.POLL, poll);
        }
        return reply;
    }

    private void waitFor(Wait wait) throws IOException, InterruptedException {
        if (!clock.instant().isBefore(until)) {
            throw new IOException("the round took longer than this device waits");
        }
        pause.sleep(bounded(Duration.ofMillis(Integer.toUnsignedLong(wait.getAfterMillis()))));
    }

    /** Asks for the attestations that this device drew. */
    Openings openings(Sample sample)
            throws IOException, InterruptedException, ServerRefusedException, RoundOverException {
        RoundReply reply = post("sample", Purpose.SAMPLE, sample);
        while (reply.hasWait()) {
            waitFor(reply.getWait());
            reply = post("sample", Purpose.SAMPLE, sample);
        }
        if (!reply.hasOpenings()) {
            throw new IOException("the aggregator answered " + reply.getAnswerCase() + " where openings were due");
        }
        return reply.getOpenings();
    }

    /** Sends the last step, after which nothing follows. */
    void sendLast(String endpoint, Purpose purpose, MessageLite message)
            throws IOException, InterruptedException, ServerRefusedException, RoundOverException {
        post(endpoint, purpose, message);
    }

    private RoundReply post(String endpoint, Purpose purpose, MessageLite message)
            throws IOException, InterruptedException, ServerRefusedException, RoundOverException {
        String path = "/v1/rounds/" + roundId + "/" + endpoint;
        RoundReply reply = wire.postAs(sender, path, purpose, () -> message, RoundReply.parser(), REPLY_BYTES_MAX);
        if (reply.hasOver()) {
            throw new RoundOverException(reply.getOver().getCode());
        }
        return reply;
    }

    private static boolean answers(RoundReply reply, Poll.Step awaits) {
        return switch (awaits) {
            case ROSTER -> reply.hasRoster() || reply.hasClosed();
            case INBOX -> reply.hasInbox();
            case SURVIVORS -> reply.hasSurvivors();
            case ATTESTATIONS -> reply.hasAttestations();
            case STEP_UNSPECIFIED, UNRECOGNIZED -> false;
        };
    }

    private static Duration bounded(Duration wait) {
        if (wait.compareTo(WAIT_MIN) < 0) {
            return WAIT_MIN;
        }
        return wait.compareTo(WAIT_MAX) > 0 ? WAIT_MAX : wait;
    }
}
