package dev.coppice.aggregator.round;

import static java.util.stream.Collectors.toMap;

import dev.coppice.aggregator.guard.Guards;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.HaltStore.StoredHalt;
import dev.coppice.aggregator.store.MessageLostException;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskDefinition.PhaseSeconds;
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

    /** Renewed at each tick. */
    private static final Duration COLLECT_LEASE = Duration.ofSeconds(5);

    private final Store store;
    private final RoundFacts facts;
    private final Inputs inputs;
    private final Signals signals;
    private final InstantSource clock;
    private final Executor worker;
    private final Opener opener;
    private final Closing closing;
    private final Merge merge;
    private final Candidates candidates;
    private final RoundWatch watch;
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
            Inputs inputs,
            Signals signals,
            SigningKey server,
            ServerNoise noise,
            Candidates candidates,
            Guards guards,
            RoundWatch watch,
            String owner) {}

    /**
     * A keeper.
     *
     * @param worker moves a round on after a device's message, so that the device need not wait for it
     */
    public Keeper(Tools tools, InstantSource clock, Executor worker) {
        this.store = tools.store();
        this.facts = tools.facts();
        this.inputs = tools.inputs();
        this.signals = tools.signals();
        this.clock = clock;
        this.worker = worker;
        this.opener = new Opener(store, tools.blobs(), tools.server());
        this.closing = new Closing(store, facts, inputs, tools.server());
        this.merge = new Merge(store, tools.blobs(), facts, inputs, tools.noise(), tools.guards());
        this.candidates = tools.candidates();
        this.watch = tools.watch();
        this.owner = tools.owner();
    }

    /** Moves on whatever is due, and opens the rounds that are missing. To be called every now and then. */
    public void tick() throws IOException {
        inputs.tick(seenVersions.keySet());
        List<StoredRound> open = store.openRounds();
        watch.areOpen(open, clock.instant());
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

    /** Gives up what this process alone may do, so that others go on with it at once. To be called when it stops. */
    public void handOver() {
        store.release(owner);
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
        return !round.phase().isOver() && (expired || closing.isFull(round) || isStopped(round));
    }

    /** Whether a halt ends it. One that nobody joined waits, since nobody joins while it lasts. */
    private boolean isStopped(StoredRound round) {
        return round.tally().advertised() > 0 && isHalted(population(round.taskId()));
    }

    /** Looked at between its phases: devices that have not sent their input then need not pay for it. */
    private boolean isTooStale(StoredRound round) {
        return rules(round.taskId()).definition().buffer() != null
                && BufferedMerge.isStale(
                        store.findTask(round.taskId()).orElseThrow(),
                        facts.terms(round).terms());
    }

    private boolean isHalted(String population) {
        return store.findHalt(population).map(StoredHalt::halted).orElse(false);
    }

    /**
     * Closes a round's phase.
     *
     * @return false if another change came first, and nothing was changed here
     */
    private boolean step(StoredRound round) throws IOException {
        Instant now = clock.instant();
        try {
            if (isStopped(round)) {
                return advanced(round, round.aborted(AbortReason.HALTED));
            }
            if (isTooStale(round)) {
                return advanced(round, round.aborted(AbortReason.TOO_STALE));
            }
            if (round.phase() == Phase.UNMASKING) {
                return completed(round);
            }
            if (round.phase() == Phase.COLLECTING) {
                return collected(round, now);
            }
            StoredRound next = isEmpty(round)
                    ? round.in(Phase.ADVERTISING, now.plus(untilAdvertised(round))) // nobody came: nothing was spent
                    : closing.next(round, phaseSeconds(round), now);
            return advanced(round, next);
        } catch (RoundGoneException e) {
            return false;
        }
    }

    /** By one process at a time, which saves reading the sums twice. Another takes over soon after it died. */
    private boolean collected(StoredRound round, Instant now) throws RoundGoneException, IOException {
        if (!now.isBefore(round.deadline())) {
            return advanced(round, round.aborted(AbortReason.INPUTS_MISSING));
        }
        if (!store.claim("collect/" + round.taskId(), owner, now, now.plus(COLLECT_LEASE))) {
            return false;
        }
        return switch (inputs.collect(round)) {
            case NOT_YET -> false;
            case LOST -> {
                StoredRound still = store.findRound(round.id()).orElseThrow();
                yield still.phase() == Phase.COLLECTING && advanced(still, still.aborted(AbortReason.INPUTS_MISSING));
            }
            case ALL -> {
                StoredRound counted = store.findRound(round.id()).orElseThrow();
                yield counted.phase() == Phase.COLLECTING
                        && advanced(counted, closing.next(counted, phaseSeconds(counted), now));
            }
        };
    }

    private PhaseSeconds phaseSeconds(StoredRound round) {
        return rules(round.taskId()).definition().phaseSeconds();
    }

    private Duration untilAdvertised(StoredRound round) {
        return Duration.ofSeconds(phaseSeconds(round).advertise());
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
                watch.moved(round, store.findRound(round.id()).orElseThrow(), clock.instant());
                list(round, task);
                ended(round);
            }
            return done;
        } catch (SharesMissingException e) {
            return advanced(round, round.aborted(AbortReason.SHARES_MISSING));
        } catch (UselessException e) {
            return advanced(round, round.aborted(e.reason()));
        } catch (MessageLostException e) {
            LOG.error("Round {} cannot be summed up", round.id(), e);
            return advanced(round, round.aborted(AbortReason.INPUTS_MISSING));
        }
    }

    /**
     * A round that is complete stays so, whether or not anybody hears of its adapter elsewhere. Figures are none, nor is a sum that
     * waits for others.
     */
    private void list(StoredRound round, StoredTask before) {
        StoredTask task = store.findTask(round.taskId()).orElseThrow();
        boolean waits = UpdateBuffer.of(task).sums() > UpdateBuffer.of(before).sums();
        if (waits || rules(task.id()).definition().metrics() != null) {
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
        if (next.phase() != seen.phase()) {
            watch.moved(seen, next, clock.instant());
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

    private void openNext(StoredTask seen) throws IOException {
        if (isHalted(seen.population())) {
            return;
        }
        TaskRules rules = rules(seen.id());
        StoredTask task = seen;
        Optional<StoredRound> rest = merge.rest(seen, rules.definition());
        if (rest.isPresent()) {
            LOG.info("The last sums of task {} are merged", seen.id());
            list(rest.get(), seen);
            task = store.findTask(seen.id()).orElseThrow();
        }
        if (opener.open(task, rules, clock.instant())) {
            signals.wake();
        }
    }
}
