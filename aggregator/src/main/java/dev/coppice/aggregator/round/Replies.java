package dev.coppice.aggregator.round;

import dev.coppice.aggregator.store.Phase;
import dev.coppice.protocol.round.Over;
import dev.coppice.protocol.round.Received;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.protocol.round.Wait;
import java.time.Duration;

/** The short answers to a device. */
final class Replies {
    private Replies() {}

    static RoundReply received() {
        return RoundReply.newBuilder()
                .setReceived(Received.getDefaultInstance())
                .build();
    }

    static RoundReply wait(Duration after) {
        return RoundReply.newBuilder()
                .setWait(Wait.newBuilder().setAfterMillis((int) after.toMillis()))
                .build();
    }

    static RoundReply over(Over.Code code) {
        return RoundReply.newBuilder().setOver(Over.newBuilder().setCode(code)).build();
    }

    /** The answer of a round that is over. */
    static RoundReply over(Phase phase) {
        return over(phase == Phase.COMPLETED ? Over.Code.COMPLETED : Over.Code.ABORTED);
    }
}
