package dev.coppice.aggregator.round;

import static java.util.stream.Collectors.toMap;

import dev.coppice.aggregator.guard.Guards;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.crypto.masking.SharesMissingException;
import dev.coppice.crypto.privacy.ServerNoise;
import dev.coppice.crypto.signing.SigningKey;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves rounds on: when all devices answered, at the deadline, or when an operator says so. Everything is decided from
 * stored state and done by compare-and-set, so any number of keepers may work on one store, and any may die. {@link #tick} is for
 * one thread, the rest for any.
 */
public final class Keeper {
    private static final Logger LOG = LoggerFactory.getLogger(Keeper.class);

    /** Longer than a merge takes, shorter than devices and operators would wait for one that died. */
    private static final Duration LEASE = Duration.ofSeconds(20);

    private final Store store;
    private final RoundFacts facts;
    private final Signals signals;
    private final InstantSource clock;
    private final Executor worker;
    private final Opener opener;
    private final Closing closing;
    private final Merge merge;
    private final Candidates candidates;
    private final String owner;
    private final Map<String, TaskRules> rules = new ConcurrentHashMap<>();
    private Map<String, Long> seenVersions = Map.of();

    /**
     * What a keeper works with. The key stays the caller's to close.
     *
     * @param owner of leases: another for each process
     */
    public record Tools(
            Store store,
            BlobStore blobs,
            RoundFacts facts,
            Signals signals,
            SigningKey server,
            ServerNoise noise,
            Candidates candidates,
            Guards guards,
            String owner) {}

    /**
     * A keeper.
     *
     * @param worker moves a round on after a device's message, so that the device need not wait for it
     */
    public Keeper(Tools tools, InstantSource clock, Executor worker) {
        this.store = tools.store();
        this.facts = tools.facts();
        this.signals = tools.signals();
        this.clock = clock;
        this.worker = worker;
        this.opener = new Opener(store, tools.blobs(), tools.server());
        this.closing = new Closing(store, facts, tools.server());
        this.merge = new Merge(store, tools.blobs(), facts, tools.noise(), tools.guards());
        this.candidates = tools.candidates();
        this.owner = tools.owner();
    }

    /** Moves on whatever is due, and opens the rounds that are missing. To be called every now and then. */
    public void tick() throws IOException {
        List<StoredRound> open = store.openRounds();
        noticeOthers(open);
        for (StoredRound round : open) {
            moveOn(round.id());
        }
        Set<String> going = new HashSet<>();
        for (StoredTask task : store.unfinishedTasks()) {
            openNext(task);
            going.add(task.id());
        }
        for (StoredRound round : open) {
            if (isEmpty(round) && !going.contains(round.taskId())) {
                advanced(round, round.aborted(AbortReason.TASK_OVER));
            }
        }
    }

    /** Nobody has joined it, so nobody has paid for it. */
    private static boolean isEmpty(StoredRound round) {
        return round.phase() == Phase.ADVERTISING && round.tally().advertised() == 0;
    }

    /** What other processes did: devices that wait here for it are woken, and what is over is forgotten. */
    private void noticeOthers(List<StoredRound> open) {
        Map<String, Long> versions = open.stream().collect(toMap(StoredRound::id, StoredRound::version));
        if (!versions.equals(seenVersions)) {
            seenVersions = versions;
            facts.keepOnly(versions.keySet());
            signals.wake();
        }
    }

    /**
     * Closes the phase that a round is in now, as its deadline would.
     *
     * @return false if there is no such round or it is over
     */
    public boolean close(String roundId) throws IOException {
        StoredRound seen = store.findRound(roundId).orElse(null);
        if (seen == null || seen.phase().isOver()) {
            return false;
        }
        StoredRound round = seen;
        while (round.phase() == seen.phase() && !step(round)) {
            StoredRound before = round;
            round = store.findRound(roundId).orElseThrow();
            if (round.equals(before)) {
                return true; // another process is at it
            }
        }
        moveOn(roundId);
        return true;
    }

    /** Says that a message was taken, which may have been the last one that its phase waited for. */
    void noticed(String roundId) {
        store.findRound(roundId)
                .filter(closing::isFull)
                .ifPresent(full -> worker.execute(() -> {
                    try {
                        moveOn(roundId);
                    } catch (IOException e) {
                        LOG.error("Round {} waits: {}", roundId, e.getMessage());
                    }
                }));
    }

    /** The population of a task's devices. */
    String population(String taskId) {
        return rules(taskId).population();
    }

    /** What never changes of a task. */
    TaskRules rules(String taskId) {
        return rules.computeIfAbsent(
                taskId,
                id -> TaskRules.of(store.findTask(id).orElseThrow(() -> new NoSuchElementException("No task " + id))));
    }

    /** When the next round of a task opens, if it only waits for its time. */
    Optional<Instant> findOpening(String taskId) {
        return opener.findOpening(taskId);
    }

    /** Closes phases for as long as the next one is due too. */
    private void moveOn(String roundId) throws IOException {
        StoredRound round = store.findRound(roundId).orElseThrow();
        while (isDue(round)) {
            if (!step(round) && store.findRound(roundId).orElseThrow().equals(round)) {
                return;
            }
            round = store.findRound(roundId).orElseThrow();
        }
    }

    private boolean isDue(StoredRound round) {
        boolean expired = !clock.instant().isBefore(round.deadline());
        return !round.phase().isOver() && (expired || closing.isFull(round));
    }

    /**
     * Closes a round's phase.
     *
     * @return false if another change came first, and nothing was changed here
     */
    private boolean step(StoredRound round) throws IOException {
        Instant now = clock.instant();
        try {
            if (round.phase() == Phase.UNMASKING) {
                return completed(round);
            }
            StoredRound next = isEmpty(round)
                    ? round.in(Phase.ADVERTISING, now.plus(untilAdvertised(round))) // nobody came: nothing was spent
                    : closing.next(round, rules(round.taskId()).definition().phaseSeconds(), now);
            return advanced(round, next);
        } catch (RoundGoneException e) {
            return false;
        }
    }

    private Duration untilAdvertised(StoredRound round) {
        return Duration.ofSeconds(
                rules(round.taskId()).definition().phaseSeconds().advertise());
    }

    /** By one process at a time: merging is dear. Were it two, after a lease ran out, one of them would be told so. */
    private boolean completed(StoredRound round) throws RoundGoneException, IOException {
        Instant now = clock.instant();
        if (!store.claim("merge/" + round.taskId(), owner, now, now.plus(LEASE))) {
            return false;
        }
        StoredTask task = store.findTask(round.taskId()).orElseThrow();
        try {
            boolean done = merge.complete(round, task);
            if (done) {
                LOG.info(
                        "Round {} summed up {} inputs",
                        round.id(),
                        round.tally().masked());
                list(round);
                ended(round);
            }
            return done;
        } catch (SharesMissingException e) {
            return advanced(round, round.aborted(AbortReason.SHARES_MISSING));
        } catch (UselessException e) {
            return advanced(round, round.aborted(e.reason()));
        }
    }

    /** A round that is complete stays so, whether or not anybody hears of its adapter elsewhere; figures are none. */
    private void list(StoredRound round) {
        StoredTask task = store.findTask(round.taskId()).orElseThrow();
        if (rules(task.id()).definition().metrics() != null) {
            return;
        }
        try {
            candidates.made(task, round.number());
        } catch (IOException e) {
            LOG.error("The candidate of round {} is not listed", round.id(), e);
        }
    }

    private boolean advanced(StoredRound seen, StoredRound next) throws IOException {
        if (!store.advance(seen, next)) {
            return false;
        }
        if (next.phase() == Phase.ABORTED) {
            LOG.warn("Round {} abandoned in {}: {}", seen.id(), seen.phase(), next.reason());
            ended(seen);
        } else if (next.phase() != seen.phase()) {
            LOG.info("Round {} is {}, {}", next.id(), next.phase(), next.tally());
        }
        signals.wake();
        return true;
    }

    private void ended(StoredRound round) throws IOException {
        openNext(store.findTask(round.taskId()).orElseThrow());
        signals.wake();
    }

    private void openNext(StoredTask task) throws IOException {
        if (opener.open(task, rules(task.id()), clock.instant())) {
            signals.wake();
        }
    }
}
