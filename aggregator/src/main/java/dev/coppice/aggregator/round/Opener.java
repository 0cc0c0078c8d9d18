package dev.coppice.aggregator.round;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Opens a task's next round, until its rounds are used up. Aborted rounds are used up too: the budget counts them. */
final class Opener {
    private final Store store;
    private final BlobStore blobs;
    private final SigningKey server;

    Opener(Store store, BlobStore blobs, SigningKey server) {
        this.store = store;
        this.blobs = blobs;
        this.server = server;
    }

    /**
     * Opens the next round if none is open, or ends the task.
     *
     * @return whether anything changed
     */
    boolean open(StoredTask task, Instant now) throws IOException {
        if (task.finished()) {
            return false; // its rounds are used up, or an operator ended it
        }
        List<StoredRound> rounds = store.rounds(task.id());
        if (!rounds.isEmpty() && !rounds.getLast().phase().isOver()) {
            return false;
        }
        TaskDefinition definition = TaskJson.stored(task.definition());
        if (rounds.size() >= definition.rounds()) {
            return store.replaceTask(task, task.end());
        }
        int number = rounds.size() + 1;
        Instant deadline = now.plus(Duration.ofSeconds(definition.phaseSeconds().advertise()));
        RoundTerms terms = definition.metrics() == null
                ? NextTerms.training(
                        task, number, merges(rounds), Candidate.of(task, blobs).layout(), now)
                : NextTerms.metrics(task, number, now);
        return store.open(StoredRound.opening(terms.getRoundId(), task.id(), number, signed(terms), deadline));
    }

    private static int merges(List<StoredRound> rounds) {
        return (int) rounds.stream()
                .filter(round -> round.phase() == Phase.COMPLETED)
                .count();
    }

    private ByteString signed(RoundTerms terms) {
        return SignedMessages.sign(server, Purpose.ROUND_TERMS, terms).toByteString();
    }
}
