package dev.coppice.aggregator.round;

import dev.coppice.aggregator.budget.DeviceAccounts;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.HaltStore.StoredHalt;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import dev.coppice.crypto.privacy.PrivacyLedger.Statement;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Assignment;
import dev.coppice.protocol.round.CheckIn;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.ClockOff;
import dev.coppice.protocol.round.ComeBack;
import dev.coppice.protocol.round.RoundTerms;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Gives a device a round to train for, or the time to come back, and tells it what it has spent here. Each check-in is
 * fresh and counts once.
 */
public final class CheckInDesk {
    public static final int CHECK_IN_BYTES_MAX = 512;

    private static final Duration FRESH = Duration.ofMinutes(5);
    private static final int NONCE_BYTES = 16;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofMinutes(1);
    private static final Duration SPENT_MAX = Duration.ofDays(1);
    private static final Duration HALTED = Duration.ofHours(1);
    private static final Duration FAULTY = Duration.ofDays(1);

    private final Store store;
    private final RoundFacts facts;
    private final Keeper keeper;
    private final DeviceAccounts accounts;
    private final HaltDesk halts;
    private final InstantSource clock;

    public CheckInDesk(
            Store store,
            RoundFacts facts,
            Keeper keeper,
            DeviceAccounts accounts,
            HaltDesk halts,
            InstantSource clock) {
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
        if (isHalted) {
            return comeBack(HALTED);
        }
        boolean isSpent = false;
        for (StoredRound round : store.openRounds()) {
            if (isFor(sender, checkIn, round) && isJoinable(sender, round)) {
                if (spent.affords(charge(round))) {
                    Signed terms = Stored.parse(Signed.parser(), round.terms());
                    return CheckInReply.newBuilder()
                            .setAssignment(Assignment.newBuilder().setTerms(terms));
                }
                isSpent = true;
            }
        }
        return comeBack(isSpent ? untilFreed(spent) : isWorkAhead(checkIn) ? SOON : LATER);
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

    private boolean isFor(Device sender, CheckIn checkIn, StoredRound round) {
        RoundTerms terms = facts.terms(round).terms();
        return terms.getBaseModelSha256().equals(checkIn.getBaseModelSha256())
                && keeper.population(round.taskId()).equals(sender.population());
    }

    /** A device that was in the round before does not enter it again: it has lost its secrets of it. */
    private boolean isJoinable(Device sender, StoredRound round) {
        int sizeMax = facts.terms(round).terms().getCohort().getSizeMax();
        return round.phase() == Phase.ADVERTISING
                && round.tally().advertised() < sizeMax
                && store.stepsOf(round.id(), sender.id()).isEmpty();
    }

    private boolean isWorkAhead(CheckIn checkIn) {
        for (StoredTask task : store.unfinishedTasks()) {
            if (task.population().equals(checkIn.getPopulation())
                    && task.baseModelSha256().equals(checkIn.getBaseModelSha256())) {
                return true;
            }
        }
        return false;
    }

    private static CheckInReply.Builder comeBack(Duration after) {
        return CheckInReply.newBuilder().setComeBack(ComeBack.newBuilder().setAfterMillis((int) after.toMillis()));
    }
}
