package dev.coppice.agent.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.protocol.round.Wait;
import dev.coppice.testkit.ManualClock;
import dev.coppice.testkit.SeededBytes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RoundCallsTest {
    private static final int EVER = -1; // 2^32 - 1 milliseconds

    @Test
    void aServerThatPutsOffForEverIsLeftAndAskedAgainMeanwhile() {
        ManualClock clock = ManualClock.atNewYear();
        List<Duration> pauses = new ArrayList<>();
        Pause pause = length -> {
            pauses.add(length);
            if (pauses.size() > 100) {
                throw new InterruptedException("it would wait for ever");
            }
            clock.advance(length);
        };
        RoundReply wait = RoundReply.newBuilder()
                .setWait(Wait.newBuilder().setAfterMillis(EVER))
                .build();
        Wire wire = new Wire(request -> new Transport.Reply(200, wait.toByteString()), pause);
        Sender sender = new Sender("d-1", SigningKey.generate(new SeededBytes(1)::fill));
        RoundCalls calls = new RoundCalls(wire, pause, clock, Duration.ofMinutes(10), sender, "round-1");
        Poll poll = Poll.newBuilder().setRoundId("round-1").build();
        assertThatThrownBy(() -> calls.send("poll", Purpose.POLL, poll, Poll.Step.ROSTER))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("longer than this device waits");
        assertThat(pauses).containsOnly(Duration.ofMinutes(1)).hasSize(10);
    }
}
