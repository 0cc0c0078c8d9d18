package dev.coppice.aggregator.round;

import dev.coppice.aggregator.budget.DeviceAccounts;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.HaltStore.StoredHalt;
import dev.coppice.aggregator.store.LedgerStore.Part;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.aggregator.store.StoredTask.State;
import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import dev.coppice.crypto.privacy.PrivacyLedger.Statement;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Assignment;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.ClockOff;
import dev.coppice.protocol.round.ComeBack;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Gives a device a round of a task that it is eligible for, drawn by weight where there are several, or the time to come back,
 * and tells it what it has spent here. Each check-in is fresh and counts once.
 */
public final class CheckInDesk {
    public static final int CHECK_IN_BYTES_MAX = 512;

    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final int NONCE_BYTES = 16;
    private static final Duration SPENT_MAX = Duration.ofDays(1);
    private static final Duration FAULTY = Duration.ofDays(1);

    private final Store store;
    private final RoundFacts facts;
    private final Keeper keeper;
    private final DeviceAccounts accounts;
    private final HaltDesk halts;
    private final Visitors visitors;
    private final Pace pace;
    private final RandomSource random;
    private final InstantSource clock;

    public CheckInDesk(
            Store store,
            RoundFacts facts,
            Keeper keeper,
            DeviceAccounts accounts,
            HaltDesk halts,
            Pace.Bounds pace,
            RandomSource random,
            InstantSource clock) {
        this.visitors = new Visitors(store);
        this.pace = new Pace(pace, random);
        this.random = random;
        this.accounts = accounts;
        this.halts = halts;
        this.store = store;
        this.facts = facts;
        this.keeper = keeper;
        this.clock = clock;
    }

    /** The answer to a check-in that its sender signed. */
    public CheckInReply checkIn(Device sender, CheckIn checkIn) throws RequestRefusedException {
        if (!isFresh(checkIn)) {
            return CheckInReply.newBuilder()
                    .setClockOff(ClockOff.newBuilder().setServerEpochMillis(clock.millis()))
                    .build();
        }
        requireFirst(sender, checkIn);
        if (!checkIn.getPopulation().equals(sender.population())) {
            throw new RequestRefusedException(Kind.FORBIDDEN, "Enrolled in another population");
        }
        visitors.came(sender.id(), sender.population(), checkIn, clock.instant());
        Statement spent = accounts.statement(sender.id(), clock.instant());
        Optional<StoredHalt> halt = halts.find(sender.population());
        boolean isHalted = halt.map(StoredHalt::halted).orElse(false);
        CheckInReply.Builder reply = answer(sender, checkIn, spent, isHalted);
        if (spent.ever().participations() > 0) {
            reply.setSpent(accounts.signed(sender.id(), spent));
        }
        halt.map(halts::order).ifPresent(reply::setHalt);
        return reply.build();
    }

    private CheckInReply.Builder answer(Device sender, CheckIn checkIn, Statement spent, boolean isHalted) {
        if (store.isFaulty(sender.id())) {
            return comeBack(FAULTY);
        }
        Instant now = clock.instant();
        long devices = visitors.devices(sender.population(), now);
        if (isHalted) {
            return comeBack(pace.idle(devices));
        }
        Demand demand = demand(sender, checkIn);
        Choices choices = choices(sender, checkIn, spent, demand.open());
        Optional<StoredRound> offered = choices.draw(random, round -> offer(round, sender, now));
        if (offered.isPresent()) {
            Signed terms = Stored.parse(Signed.parser(), offered.get().terms());
            return CheckInReply.newBuilder()
                    .setAssignment(Assignment.newBuilder().setTerms(terms));
        }
        if (choices.spent) {
            return comeBack(untilFreed(spent));
        }
        if (choices.rested.isPresent()) {
            Duration rest = Duration.between(now, choices.rested.get());
            return comeBack(rest.plus(pace.needed(1, 1, Duration.ZERO)));
        }
        return comeBack(
                demand.open().isEmpty()
                        ? pace.idle(devices)
                        : pace.needed(devices, demand.perSecond(), demand.untilOpening()));
    }

    /**
     * What tasks would have a device do that they are open for, whether or not it may do it now.
     *
     * @param open ids of these tasks
     */
    private record Demand(Set<String> open, double perSecond, Duration untilOpening) {}

    private Demand demand(Device sender, CheckIn checkIn) {
        Set<String> open = new HashSet<>();
        double perSecond = 0;
        Instant now = clock.instant();
        Instant opening = Instant.MAX;
        for (StoredTask task : store.unfinishedTasks()) {
            TaskRules rules = keeper.rules(task.id());
            if (task.state() == State.OPEN && rules.isFor(sender.population(), checkIn)) {
                open.add(task.id());
                perSecond += rules.definition().devicesWantedPerSecond();
                Instant next = keeper.findOpening(task.id()).orElse(now);
                opening = next.isBefore(opening) ? next : opening;
            }
        }
        Duration until = open.isEmpty() || opening.isBefore(now) ? Duration.ZERO : Duration.between(now, opening);
        return new Demand(open, perSecond, until);
    }

    /** A round that devices have joined is offered until it has enough, whatever became of its task meanwhile. */
    private Choices choices(Device sender, CheckIn checkIn, Statement spent, Set<String> open) {
        Choices choices = new Choices();
        List<StoredRound> rounds = store.openRounds();
        for (StoredRound round : rounds) {
            TaskRules rules = keeper.rules(round.taskId());
            boolean wanted = open.contains(round.taskId()) || round.tally().advertised() > 0;
            if (!wanted || !rules.isFor(sender.population(), checkIn) || !isJoinable(sender, round, rounds)) {
                continue;
            }
            Optional<Instant> rested = findRested(sender, rules);
            if (rested.isPresent()) {
                choices.later(rested.get());
            } else if (spent.affords(charge(round))) {
                choices.add(round, rules.definition().weightOrUsual());
            } else {
                choices.spent = true;
            }
        }
        return choices;
    }

    private Optional<Instant> findRested(Device sender, TaskRules rules) {
        if (rules.eligibility().separation().isZero()) {
            return Optional.empty();
        }
        List<Part> parts = store.parts(sender.id());
        return rules.eligibility()
                .findRested(
                        parts.isEmpty()
                                ? Optional.empty()
                                : Optional.of(parts.getLast().taken()),
                        clock.instant());
    }

    /** Whether fewer devices hold an offer of the round than it takes to fill it. */
    private boolean offer(StoredRound round, Device sender, Instant now) {
        TaskRules rules = keeper.rules(round.taskId());
        return store.offer(
                round.id(),
                sender.id(),
                now,
                rules.offeredSince(now),
                rules.definition().offersMax(round.tally().advertised()));
    }

    private Charge charge(StoredRound round) {
        return new Charge(facts.terms(round).terms().getPrivacy().getNoiseMultiplier());
    }

    /** A day at most: budgets and clocks may change. */
    private Duration untilFreed(Statement spent) {
        Instant now = clock.instant();
        Duration wait = Duration.between(now, spent.frees().orElse(now.plus(SPENT_MAX)));
        return wait.compareTo(SPENT_MAX) > 0 ? SPENT_MAX : wait;
    }

    /** Forgets the nonces of check-ins that are too old to be taken again. */
    public void forgetOldNonces() {
        store.forgetNonces(clock.instant().minus(FRESH.multipliedBy(2)));
    }

    private boolean isFresh(CheckIn checkIn) {
        Instant now = clock.instant();
        long sentMillis = checkIn.getSentEpochMillis();
        return sentMillis >= now.minus(FRESH).toEpochMilli()
                && sentMillis <= now.plus(FRESH).toEpochMilli();
    }

    private void requireFirst(Device sender, CheckIn checkIn) throws RequestRefusedException {
        if (checkIn.getNonce().size() != NONCE_BYTES) {
            throw new RequestRefusedException(Kind.MALFORMED, "A nonce has 16 bytes");
        }
        Instant sent = Instant.ofEpochMilli(checkIn.getSentEpochMillis());
        if (!store.useNonce(sender.id(), checkIn.getNonce(), sent)) {
            throw new RequestRefusedException(Kind.CONFLICT, "This check-in was made before");
        }
    }

    /**
     * A device that was in the round before does not enter it again: it has lost its secrets of it. Nor does one enter it that is in
     * another open round of the task: what was asked for between two participations would not lie between these.
     */
    private boolean isJoinable(Device sender, StoredRound round, List<StoredRound> open) {
        int sizeMax = facts.terms(round).terms().getCohort().getSizeMax();
        return round.phase() == Phase.ADVERTISING
                && round.tally().advertised() < sizeMax
                && open.stream()
                        .filter(other -> other.taskId().equals(round.taskId()))
                        .allMatch(
                                other -> store.stepsOf(other.id(), sender.id()).isEmpty());
    }

    private static CheckInReply.Builder comeBack(Duration after) {
        return CheckInReply.newBuilder().setComeBack(ComeBack.newBuilder().setAfterMillis((int) after.toMillis()));
    }
}
