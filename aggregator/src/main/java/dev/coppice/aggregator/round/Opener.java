package dev.coppice.aggregator.round;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.StoredTask.State;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.crypto.signing.Purpose;
import dev.coppice.crypto.signing.SignedMessages;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Opens a task's next round when it is time, until its rounds are used up. Aborted rounds are used up too: the budget counts them. */
final class Opener {
    private final Store store;
    private final BlobStore blobs;
    private final SigningKey server;
    private final Map<String, Instant> waiting = new ConcurrentHashMap<>();

    Opener(Store store, BlobStore blobs, SigningKey server) {
        this.store = store;
        this.blobs = blobs;
        this.server = server;
    }

    /** When the next round of a task opens, if it only waits for its time. */
    Optional<Instant> findOpening(String taskId) {
        return Optional.ofNullable(waiting.get(taskId));
    }

    /**
     * Opens the next round if it is time and there are not as many as the task has open at once, or ends the task. Of those that are
     * open none may have room for the next device that comes. Those that were offered a round are training; who comes after them
     * need not wait until they have.
     *
     * @return whether anything changed
     */
    boolean open(StoredTask task, TaskRules rules, Instant now) throws IOException {
        if (rules.schedule().isOver(now) && !task.state().isOver()) {
            return store.replaceTask(task, task.in(State.COMPLETED));
        }
        Instant opens = waiting.getOrDefault(task.id(), Instant.MIN);
        if (task.state() != State.OPEN || now.isBefore(opens)) {
            return false;
        }
        List<StoredRound> rounds = store.rounds(task.id());
        TaskDefinition definition = rules.definition();
        List<StoredRound> open = open(rounds);
        if (open.size() >= definition.openRoundsMax() || open.stream().anyMatch(round -> hasRoom(round, rules, now))) {
            return false;
        }
        if (rounds.size() >= definition.rounds()) {
            return open.isEmpty() && store.replaceTask(task, task.in(State.COMPLETED));
        }
        opens = rules.schedule().opens(lastOpened(rounds));
        if (now.isBefore(opens)) {
            waiting.put(task.id(), opens);
            return false;
        }
        waiting.remove(task.id());
        int number = rounds.size() + 1;
        Instant deadline = now.plus(Duration.ofSeconds(definition.phaseSeconds().advertise()));
        RoundTerms terms = definition.metrics() == null
                ? NextTerms.training(
                        task, number, merges(rounds), Candidate.of(task, blobs).layout(), now)
                : NextTerms.metrics(task, number, now);
        return store.open(
                StoredRound.opening(terms.getRoundId(), task.id(), number, signed(terms), deadline),
                definition.openRoundsMax());
    }

    private static List<StoredRound> open(List<StoredRound> rounds) {
        return rounds.stream().filter(round -> !round.phase().isOver()).toList();
    }

    /** Whether it waits for devices, and is not offered to as many as it needs. */
    private boolean hasRoom(StoredRound round, TaskRules rules, Instant now) {
        return round.phase() == Phase.ADVERTISING
                && store.outstanding(round.id(), rules.offeredSince(now))
                        < rules.definition().offersMax(round.tally().advertised());
    }

    private static Optional<Instant> lastOpened(List<StoredRound> rounds) {
        if (rounds.isEmpty()) {
            return Optional.empty();
        }
        Signed signed = Stored.parse(Signed.parser(), rounds.getLast().terms());
        RoundTerms terms = Stored.parse(RoundTerms.parser(), signed.getPayload());
        return Optional.of(Instant.ofEpochMilli(terms.getOpenedEpochMillis()));
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
