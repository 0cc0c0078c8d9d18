package dev.coppice.simulator.experiment;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.agent.training.Judgement;
import dev.coppice.aggregator.round.BufferedMerge;
import dev.coppice.aggregator.round.GroupSum;
import dev.coppice.aggregator.round.NextCandidate;
import dev.coppice.aggregator.round.NextTerms;
import dev.coppice.aggregator.round.Pace;
import dev.coppice.aggregator.round.UpdateBuffer;
import dev.coppice.aggregator.round.UselessException;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.task.TaskDefinition;
import dev.coppice.aggregator.task.TaskDefinition.BufferRule;
import dev.coppice.crypto.SecretBytes;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.privacy.ServerNoise;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.simulator.experiment.PacedRound.Ended;
import dev.coppice.simulator.extension.DeviceClass;
import dev.coppice.simulator.world.Dice;
import dev.coppice.simulator.world.SeededRandomSource;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * One run of one task from one seed in virtual time, by devices of unlike speed: they come when they were told to, are offered a
 * round, train, and join its cohort; a cohort goes on when it is full or time is up. Who may join what, and when another round
 * opens, is decided as the aggregator decides it; what becomes of sums, by its own code. Nobody drops out; cryptography takes
 * no time. Equal tasks, classes and seeds give equal runs, on any number of workers. Use once, on one thread.
 */
final class PacedRun {
    /** The aggregator's, unless an operator says otherwise. */
    private static final Pace.Bounds PACE = new Pace.Bounds(Duration.ofMinutes(1), Duration.ofHours(1), 100);

    /** How long an agent rests, whatever it was told; after a round that took its update; after one that did not. */
    private static final Duration REST_MAX = Duration.ofMinutes(15);

    private static final Duration REST_AFTER_WORK = Duration.ofSeconds(30);
    private static final Duration REST_AFTER_TROUBLE = Duration.ofMinutes(5);

    /** Something that happens at a time; of what happens at once, what was planned first is first. */
    private record Event(Duration at, long order, Action action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = at.compareTo(other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private interface Action {
        void happen() throws EngineException, InterruptedException;
    }

    /**
     * What a run has cost and brought so far.
     *
     * @param rounds that are over
     * @param merges that made a candidate
     * @param trainings that devices finished, for nothing or not
     * @param inSums of these, what is in sums that were taken
     * @param training what devices spent on them
     */
    record Progress(int rounds, int merges, int trainings, int inSums, Duration training) {
        private static final Progress NONE = new Progress(0, 0, 0, 0, Duration.ZERO);

        private Progress trained(Duration took) {
            return new Progress(rounds, merges, trainings + 1, inSums, training.plus(took));
        }

        private Progress ended(int devices) {
            return new Progress(rounds + 1, merges, trainings, inSums + devices, training);
        }

        private Progress merged() {
            return new Progress(rounds, merges + 1, trainings, inSums, training);
        }
    }

    private final Lab lab;
    private final Posted posted;
    private final TaskDefinition definition;
    private final DeviceTimes times;
    private final SeededRandomSource random;
    private final ServerNoise noise;
    private final CohortWork work;
    private final Pace pace;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private final List<PacedRound> open = new ArrayList<>();
    private final List<Ended> ended = new ArrayList<>();
    private StoredTask task;
    private AdapterWeights candidate;
    private long candidateBytes;
    private Duration now = Duration.ZERO;
    private Progress progress = Progress.NONE;
    private long planned;
    private int opened;
    private int completed;

    /**
     * Takes the task on.
     *
     * @param task as {@link Definitions#complete} made it
     * @param classes of devices, by their shares
     * @param scratch folder for blobs
     * @throws ExperimentRefusedException if the aggregator refuses the task, or this cannot play it, with the reason
     */
    PacedRun(Lab lab, Definitions.Complete task, List<DeviceClass> classes, long seed, Path scratch)
            throws ExperimentRefusedException, IOException {
        this.lab = lab;
        this.random = SeededRandomSource.of(seed);
        this.noise = new ServerNoise(SecretBytes.of(random.fork("server noise").bytes(32)));
        this.pace = new Pace(PACE, random.fork("pace"));
        this.posted = Posted.of(lab, task, random, scratch);
        this.definition = posted.definition();
        this.task = posted.task();
        this.candidate = posted.initial();
        this.candidateBytes = Safetensors.write(candidate).length;
        this.times = new DeviceTimes(classes, posted.lessons().size(), random);
        this.work = new CohortWork(lab, posted, Ranks.alike(posted), Optional.empty(), random);
        requirePlayable();
        openNext();
        Dice first = new Dice(random.fork("first check-ins"));
        for (int device : posted.eligible()) { // as if they had come and gone before: evenly over a wait
            plan(untilNextCheckIn().multipliedBy(first.below(1 << 16)).dividedBy(1 << 16), () -> checkIn(device));
        }
    }

    private void requirePlayable() throws ExperimentRefusedException {
        if (definition.schedule() != null || definition.eligibility() != null) {
            throw new ExperimentRefusedException("schedule and eligibility are not played: leave them out");
        }
        if ("fedsa".equals(definition.mergeRule())) {
            throw new ExperimentRefusedException(
                    "what devices keep of rounds that did without them is not played: no fedsa");
        }
        TaskDefinition.PhaseSeconds seconds = definition.phaseSeconds();
        List<Integer> inTime = posted.eligible().stream()
                .filter(device -> isWithin(untilJoined(device), seconds.advertise()))
                .toList();
        if (inTime.size() < definition.cohort().min()) {
            throw new ExperimentRefusedException(
                    "cohort.min is " + definition.cohort().min() + ", and " + inTime.size()
                            + " devices train within phaseSeconds.advertise");
        }
        boolean keepsUp = isWithin(times.step(inTime), Math.min(seconds.shares(), seconds.unmask()))
                && isWithin(times.inputs(inTime, inputBytes()), seconds.masked());
        if (!keepsUp) {
            throw new ExperimentRefusedException("phaseSeconds are less than a device's message takes");
        }
    }

    private static boolean isWithin(Duration time, int seconds) {
        return time.compareTo(Duration.ofSeconds(seconds)) <= 0;
    }

    private Duration untilJoined(int device) {
        return times.untilJoined(device, candidateBytes, definition.localSteps());
    }

    /** The adapter that rounds start from now. */
    AdapterWeights candidate() {
        return candidate;
    }

    Progress progress() {
        return progress;
    }

    /** Rounds that are over, as they ended. */
    List<Ended> ended() {
        return List.copyOf(ended);
    }

    /** Virtual time since the first round opened. */
    Duration now() {
        return now;
    }

    /** Whether all rounds are over, and all their sums are merged. */
    boolean isOver() {
        return opened >= definition.rounds() && open.isEmpty();
    }

    Posted posted() {
        return posted;
    }

    /** Epsilon of all rounds together, infinite without noise. */
    double epsilon() {
        return Posted.epsilon(nextTerms());
    }

    /** Bytes of an update, masked or not. */
    long inputBytes() {
        return Posted.inputBytes(nextTerms());
    }

    private RoundTerms nextTerms() {
        return NextTerms.training(task, opened + 1, completed, posted.initial().layout(), Instant.EPOCH.plus(now));
    }

    /** How the candidate does on all held-out texts. */
    Judgement judge() throws EngineException, InterruptedException {
        return lab.judge(posted.classroom(), candidate);
    }

    /** Plays what happens up to a time, or to the end if that is earlier. */
    void until(Duration time) throws EngineException, InterruptedException {
        while (!isOver() && nextAt().compareTo(time) <= 0) {
            next();
        }
        if (!isOver()) {
            now = time;
        }
    }

    private Duration nextAt() {
        return events.element().at();
    }

    /** Plays the next thing that happens. Devices always come back, so that there is one until the run is over. */
    void next() throws EngineException, InterruptedException {
        Event event = events.remove();
        now = event.at();
        event.action().happen();
    }

    private void plan(Duration after, Action action) {
        events.add(new Event(now.plus(after), planned++, action));
    }

    /** As the aggregator's opener: never while a round has room for the next device that comes. */
    private void openNext() {
        boolean isEnough = opened >= definition.rounds() || open.size() >= definition.openRoundsMax();
        if (isEnough || open.stream().anyMatch(round -> round.hasRoom(now))) {
            return;
        }
        PacedRound round = new PacedRound(definition, nextTerms(), candidate, now, progress.merges());
        opened++;
        open.add(round);
        awaitDeadline(round);
    }

    /** A round that nobody has joined waits on. */
    private void awaitDeadline(PacedRound round) {
        plan(round.deadline(now).minus(now), () -> {
            if (round.joined.isEmpty()) {
                awaitDeadline(round);
            } else if (!round.closed) {
                close(round);
            }
        });
    }

    private Duration untilNextCheckIn() {
        Duration asked = pace.needed(posted.eligible().size(), definition.devicesWantedPerSecond(), Duration.ZERO);
        return asked.compareTo(REST_MAX) < 0 ? asked : REST_MAX;
    }

    private void checkIn(int device) {
        openNext();
        Optional<PacedRound> offered =
                open.stream().filter(round -> round.hasRoom(now)).findFirst();
        if (offered.isEmpty()) {
            plan(untilNextCheckIn(), () -> checkIn(device));
            return;
        }
        offered.get().offer(device, now);
        plan(untilJoined(device), () -> join(device, offered.get()));
    }

    private void join(int device, PacedRound round) throws EngineException, InterruptedException {
        progress = progress.trained(times.classOf(device).training(definition.localSteps()));
        if (!round.join(device)) {
            plan(REST_AFTER_TROUBLE, () -> checkIn(device));
        } else if (round.isFull()) {
            close(round);
        }
    }

    /** The steps of secure aggregation follow: shares, inputs, attesting, unmasking. */
    private void close(PacedRound round) throws EngineException, InterruptedException {
        round.closed = true;
        Duration step = times.step(round.joined);
        goOn(round, List.of(step, times.inputs(round.joined, inputBytes()), step, step));
    }

    /** How old a round is, is looked at between its steps. */
    private void goOn(PacedRound round, List<Duration> steps) throws EngineException, InterruptedException {
        int staleness = progress.merges() - round.mergesBefore;
        if (definition.buffer() != null && BufferedMerge.isStale(task, round.terms)) {
            end(round, AbortReason.TOO_STALE, staleness);
        } else if (round.joined.size() < definition.cohort().min()) {
            end(round, AbortReason.TOO_FEW_DEVICES, staleness);
        } else if (steps.isEmpty()) {
            end(round, summed(round), staleness);
        } else {
            plan(steps.getFirst(), () -> goOn(round, steps.subList(1, steps.size())));
        }
    }

    /**
     * Has the devices of a round work, and takes their sum.
     *
     * @return NONE if it was taken
     */
    private AbortReason summed(PacedRound round) throws EngineException, InterruptedException {
        List<Integer> cohort = new Dice(random.fork("cohort " + round.number())).shuffled(round.joined);
        List<GroupSum> handedIn = work.sums(round.terms, round.start, cohort);
        try {
            take(round.terms, NextCandidate.usable(round.terms, handedIn, noise));
            completed++;
            return AbortReason.NONE;
        } catch (UselessException e) {
            return e.reason();
        }
    }

    private void take(RoundTerms terms, List<GroupSum> sums) throws UselessException {
        BufferRule rule = definition.buffer();
        if (rule == null) {
            NextCandidate next = NextCandidate.of(task, terms, candidate, sums);
            task = task.merged(made(next), next.optimizerState(), next.template());
            return;
        }
        BufferedMerge merge = BufferedMerge.of(task, terms, rule, sums);
        if (merge.isFull()) {
            NextCandidate next = merge.next(candidate);
            task = merge.merged(next, made(next));
        } else {
            task = merge.waiting();
        }
    }

    /** What waits when the last round is over. */
    private void takeRest(RoundTerms terms) {
        BufferRule rule = definition.buffer();
        if (rule == null || UpdateBuffer.of(task).sums() == 0) {
            return;
        }
        try {
            BufferedMerge merge = BufferedMerge.rest(task, terms, rule);
            NextCandidate next = merge.next(candidate);
            task = merge.merged(next, made(next));
        } catch (UselessException e) {
            // then the candidate is the last: so it is in the aggregator
        }
    }

    private String made(NextCandidate next) {
        candidate = next.weights();
        progress = progress.merged();
        byte[] file = Safetensors.write(candidate);
        candidateBytes = file.length;
        return Sha256.hex(file);
    }

    private void end(PacedRound round, AbortReason reason, int staleness) {
        boolean isTaken = reason == AbortReason.NONE;
        open.remove(round);
        ended.add(new Ended(round.number(), round.opened, now, List.copyOf(round.joined), staleness, reason));
        progress = progress.ended(isTaken ? round.joined.size() : 0);
        for (int device : round.joined) {
            plan(isTaken ? REST_AFTER_WORK : REST_AFTER_TROUBLE, () -> checkIn(device));
        }
        openNext();
        if (isOver()) {
            takeRest(round.terms);
        }
    }
}
