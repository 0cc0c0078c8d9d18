package dev.coppice.aggregator.round;

import com.google.protobuf.ByteString;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.FactorTurn;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskJson;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
        String id = task.id() + "-" + number;
        Instant deadline = now.plus(Duration.ofSeconds(definition.phaseSeconds().advertise()));
        RoundTerms.Builder terms = terms(task, id, number, now);
        if (!terms.hasMetrics()) {
            ParameterLayout layout = Candidate.of(task, blobs).layout();
            FactorTurn.stored(merges(rounds), definition, layout).putInto(terms);
        }
        return store.open(StoredRound.opening(id, task.id(), number, signed(terms), deadline));
    }

    private static int merges(List<StoredRound> rounds) {
        return (int) rounds.stream()
                .filter(round -> round.phase() == Phase.COMPLETED)
                .count();
    }

    private static RoundTerms.Builder terms(StoredTask task, String id, int number, Instant now) {
        RoundTerms template = Stored.parse(RoundTerms.parser(), task.template());
        return template.toBuilder()
                .setRoundId(id)
                .setTaskId(task.id())
                .setNumber(number)
                .setCandidateSha256(task.candidateSha256())
                .setEncoding(template.getEncoding().toBuilder().setRotationSeed(rotationSeed(template, number)))
                .setOpenedEpochMillis(now.toEpochMilli());
    }

    /** A key signs for one thread at a time. */
    private ByteString signed(RoundTerms.Builder terms) {
        synchronized (server) {
            return SignedMessages.sign(server, Purpose.ROUND_TERMS, terms.build())
                    .toByteString();
        }
    }

    /** Another rotation each round, public, and the same for the same task definition: runs can be repeated. */
    private static ByteString rotationSeed(RoundTerms template, int number) {
        byte[] name = ("rotation of round " + number).getBytes(StandardCharsets.US_ASCII);
        return ByteString.copyFrom(
                Sha256.hash(name, template.getEncoding().getRotationSeed().toByteArray()));
    }
}
