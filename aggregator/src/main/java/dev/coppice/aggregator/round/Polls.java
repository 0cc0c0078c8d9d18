package dev.coppice.aggregator.round;

import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.RoundStore;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.crypto.masking.Attestations;
import dev.coppice.crypto.masking.ClosedCohort;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.MessageRefusedException;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.Over;
import dev.coppice.protocol.round.Poll;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.protocol.round.Sample;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/** Answers devices that wait for the next step of a round. Blocks the caller's thread, which should be a virtual one. */
public final class Polls {
    private static final Duration COME_BACK = Duration.ofMillis(50);

    private final RoundStore store;
    private final RoundFacts facts;
    private final Signals signals;
    private final InstantSource clock;
    private final Duration hold;

    /**
     * Answers to polls.
     *
     * @param hold how long a poll is held open at most
     */
    public Polls(RoundStore store, RoundFacts facts, Signals signals, InstantSource clock, Duration hold) {
        this.store = store;
        this.facts = facts;
        this.signals = signals;
        this.clock = clock;
        this.hold = hold;
    }

    /** What a device waits for, as soon as it is there; {@code Wait} if it does not come for a while. */
    public RoundReply poll(Device sender, String roundId, Poll poll)
            throws RequestRefusedException, InterruptedException {
        if (!poll.getRoundId().equals(roundId)) {
            throw new RequestRefusedException(Kind.MALFORMED, "The message is of another round than its address");
        }
        Instant until = clock.instant().plus(hold);
        while (true) {
            long generation = signals.generation();
            StoredRound round = store.findRound(roundId).orElseThrow(Polls::noRound);
            Optional<RoundReply> answer = find(sender, round, poll.getAwaits());
            if (answer.isPresent()) {
                return answer.get();
            }
            Duration left = Duration.between(clock.instant(), until);
            if (!left.isPositive() || signals.isClosed()) {
                return Replies.wait(COME_BACK);
            }
            signals.await(generation, left); // the keeper wakes us, whoever moved a round on
        }
    }

    private Optional<RoundReply> find(Device sender, StoredRound round, Poll.Step awaits)
            throws RequestRefusedException {
        Set<Step> steps = store.stepsOf(round.id(), sender.id());
        if (!steps.contains(Step.ADVERTISE)) {
            return Optional.of(Replies.over(Over.Code.NOT_A_MEMBER));
        }
        if (round.phase().isOver()) {
            return Optional.of(Replies.over(round.phase()));
        }
        try {
            return switch (awaits) {
                case ROSTER -> roster(sender, round, steps);
                case INBOX -> inbox(sender, round, steps);
                case SURVIVORS -> survivors(sender, round, steps);
                case ATTESTATIONS -> attestations(sender, round, steps);
                case STEP_UNSPECIFIED, UNRECOGNIZED ->
                    throw new RequestRefusedException(Kind.MALFORMED, "A poll names the step that it awaits");
            };
        } catch (RoundGoneException e) {
            return Optional.empty(); // it is over: the next look says how
        }
    }

    private Optional<RoundReply> roster(Device sender, StoredRound round, Set<Step> steps) throws RoundGoneException {
        if (!round.phase().isPast(Step.ADVERTISE)) {
            return Optional.empty();
        }
        if (round.phase() == Phase.OPENING) {
            return closed(sender, round, steps);
        }
        if (isLeftBehind(round, steps, Step.SHARES)) {
            return Optional.of(Replies.over(Over.Code.TOO_LATE));
        }
        Cohort cohort = facts.cohort(round);
        return Optional.of(RoundReply.newBuilder()
                .setRoster(cohort.roster(cohort.indexOf(sender.id())))
                .build());
    }

    /** Only who is asked for its nonce sees anything before the graph is decided. */
    private Optional<RoundReply> closed(Device sender, StoredRound round, Set<Step> steps) throws RoundGoneException {
        ClosedCohort cohort = facts.closedCohort(round);
        int index = cohort.findIndex(sender.id()).orElseThrow();
        if (!cohort.contributes(index) || steps.contains(Step.OPEN)) {
            return Optional.empty();
        }
        return Optional.of(
                RoundReply.newBuilder().setClosed(cohort.closed(index)).build());
    }

    private Optional<RoundReply> inbox(Device sender, StoredRound round, Set<Step> steps) throws RoundGoneException {
        if (!round.phase().isPast(Step.SHARES)) {
            return Optional.empty();
        }
        if (!steps.contains(Step.SHARES) || isLeftBehind(round, steps, Step.MASKED)) {
            return Optional.of(Replies.over(Over.Code.TOO_LATE));
        }
        Cohort cohort = facts.cohort(round);
        return Optional.of(RoundReply.newBuilder()
                .setInbox(facts.shares(round).inbox(cohort.indexOf(sender.id())))
                .build());
    }

    private Optional<RoundReply> survivors(Device sender, StoredRound round, Set<Step> steps)
            throws RoundGoneException {
        if (!round.phase().isPast(Step.MASKED) || round.phase() == Phase.COLLECTING) {
            return Optional.empty();
        }
        if (!steps.contains(Step.MASKED) || isLeftBehind(round, steps, Step.ATTEST)) {
            return Optional.of(Replies.over(Over.Code.TOO_LATE));
        }
        if (!facts.isCounted(round, sender.id())) {
            return Optional.of(Replies.over(Over.Code.ABORTED)); // its group is, for others
        }
        return Optional.of(RoundReply.newBuilder()
                .setSurvivors(Stored.parse(Signed.parser(), round.survivors()))
                .build());
    }

    private Optional<RoundReply> attestations(Device sender, StoredRound round, Set<Step> steps)
            throws RoundGoneException {
        if (!round.phase().isPast(Step.ATTEST)) {
            return Optional.empty();
        }
        if (!steps.contains(Step.ATTEST)) {
            return Optional.of(Replies.over(Over.Code.TOO_LATE));
        }
        if (steps.contains(Step.UNMASK)) {
            return Optional.empty(); // it has done its part and waits for the end
        }
        Attestations attestations = facts.attestations(round);
        if (!attestations.suffice(facts.cohort(round).indexOf(sender.id()))) {
            return Optional.of(Replies.over(Over.Code.ABORTED)); // its group is, for others
        }
        return Optional.of(
                RoundReply.newBuilder().setAttestations(attestations.roll()).build());
    }

    /** The attestations that a device drew, which it may draw as often as it likes. */
    public RoundReply sample(Device sender, String roundId, Sample sample) throws RequestRefusedException {
        StoredRound round = store.findRound(roundId).orElseThrow(Polls::noRound);
        Set<Step> steps = store.stepsOf(roundId, sender.id());
        if (!steps.contains(Step.ADVERTISE)) {
            return Replies.over(Over.Code.NOT_A_MEMBER);
        }
        if (round.phase().isOver()) {
            return Replies.over(round.phase());
        }
        if (!round.phase().isPast(Step.ATTEST)) {
            return Replies.wait(COME_BACK); // it draws from what another process saw: this one is not so far
        }
        if (!steps.contains(Step.ATTEST)) {
            return Replies.over(Over.Code.TOO_LATE);
        }
        try {
            return RoundReply.newBuilder()
                    .setOpenings(facts.attestations(round).open(sample))
                    .build();
        } catch (MessageRefusedException e) {
            throw new RequestRefusedException(Kind.MALFORMED, String.valueOf(e.getMessage()));
        } catch (RoundGoneException e) {
            return Replies.over(
                    store.findRound(roundId).orElseThrow(Polls::noRound).phase());
        }
    }

    private static RequestRefusedException noRound() {
        return new RequestRefusedException(Kind.NOT_FOUND, "No such round");
    }

    /** Whether the step that a device would do next closed without it. */
    private static boolean isLeftBehind(StoredRound round, Set<Step> steps, Step next) {
        return round.phase().isPast(next) && !steps.contains(next);
    }
}
