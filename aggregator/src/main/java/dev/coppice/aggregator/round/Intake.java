package dev.coppice.aggregator.round;

import com.google.protobuf.MessageLite;
import dev.coppice.aggregator.enrolment.RequestRefusedException;
import dev.coppice.aggregator.enrolment.RequestRefusedException.Kind;
import dev.coppice.aggregator.store.EnrolmentStore.Device;
import dev.coppice.aggregator.store.LedgerStore;
import dev.coppice.aggregator.store.SentBytes;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.Store;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.Taken;
import dev.coppice.crypto.masking.ClosedCohort;
import dev.coppice.crypto.masking.Cohort;
import dev.coppice.crypto.masking.MaskedSum;
import dev.coppice.crypto.masking.MaskingServer;
import dev.coppice.crypto.masking.MessageRefusedException;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.enrolment.DeviceCertificate;
import dev.coppice.protocol.round.Advertisement;
import dev.coppice.protocol.round.Attestation;
import dev.coppice.protocol.round.MaskedInput;
import dev.coppice.protocol.round.NonceOpening;
import dev.coppice.protocol.round.Over;
import dev.coppice.protocol.round.RoundReply;
import dev.coppice.protocol.round.ShareBundle;
import dev.coppice.protocol.round.Unmasking;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Set;

/** Takes the messages of devices into rounds: checked first, stored once, and only while their phase is open. */
public final class Intake {
    private static final Duration ASK_AGAIN = Duration.ofMillis(200);

    private final Store store;
    private final RoundFacts facts;
    private final Inputs inputs;
    private final Keeper keeper;
    private final VerifyingKey enrolmentAuthority;
    private final InstantSource clock;

    public Intake(
            Store store,
            RoundFacts facts,
            Inputs inputs,
            Keeper keeper,
            VerifyingKey enrolmentAuthority,
            InstantSource clock) {
        this.store = store;
        this.facts = facts;
        this.inputs = inputs;
        this.keeper = keeper;
        this.enrolmentAuthority = enrolmentAuthority;
        this.clock = clock;
    }

    public RoundReply advertise(Device sender, String roundId, Advertisement message) throws RequestRefusedException {
        return take(sender, roundId, Step.ADVERTISE, message.getRoundId(), message, round -> {
            if (store.isFaulty(sender.id())) {
                throw new RequestRefusedException(
                        Kind.FORBIDDEN, "The device is suspended for what it did in a round before");
            }
            Advertisement checked =
                    MaskingServer.checked(facts.terms(round), message, enrolmentAuthority, clock.instant());
            requireOwn(sender, checked);
            return checked;
        });
    }

    public RoundReply open(Device sender, String roundId, NonceOpening message) throws RequestRefusedException {
        return take(sender, roundId, Step.OPEN, message.getRoundId(), message, round -> {
            ClosedCohort cohort = facts.closedCohort(round);
            return MaskingServer.checked(cohort, cohort.findIndex(sender.id()).orElseThrow(), message);
        });
    }

    public RoundReply share(Device sender, String roundId, ShareBundle message) throws RequestRefusedException {
        return take(sender, roundId, Step.SHARES, message.getRoundId(), message, round -> {
            Cohort cohort = facts.cohort(round);
            return MaskingServer.checked(cohort, cohort.indexOf(sender.id()), message);
        });
    }

    /**
     * Takes a masked input, which is a participation: both are stored, or neither.
     *
     * @param sent the message as it came
     */
    public RoundReply mask(Device sender, String roundId, MaskedInput message, SentBytes sent)
            throws RequestRefusedException {
        Check check = round -> {
            MaskedSum.check(facts.terms(round), message);
            return message;
        };
        return take(sender, roundId, Step.MASKED, message.getRoundId(), message, check, (round, checked, deviceMax) -> {
            double noise = facts.terms(round).terms().getPrivacy().getNoiseMultiplier();
            Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            return inputs.take(sender.id(), sent, deviceMax, new LedgerStore.Part(round.id(), now, noise));
        });
    }

    public RoundReply attest(Device sender, String roundId, Attestation message) throws RequestRefusedException {
        return take(sender, roundId, Step.ATTEST, message.getRoundId(), message, round -> {
            Cohort cohort = facts.cohort(round);
            Signed survivors = Stored.parse(Signed.parser(), round.survivors());
            return MaskingServer.checked(cohort, survivors, cohort.indexOf(sender.id()), message);
        });
    }

    public RoundReply unmask(Device sender, String roundId, Unmasking message) throws RequestRefusedException {
        return take(sender, roundId, Step.UNMASK, message.getRoundId(), message, round -> {
            Cohort cohort = facts.cohort(round);
            return MaskingServer.checked(cohort, facts.survivors(round), cohort.indexOf(sender.id()), message);
        });
    }

    /** Looks at a message of a round whose phase takes it, sent by a device that took all steps before. */
    private interface Check {
        MessageLite checked(StoredRound round)
                throws MessageRefusedException, RequestRefusedException, RoundGoneException;
    }

    /** Stores a message that was checked, or one of a device that took its step before. */
    private interface Keep {
        Taken keep(StoredRound round, MessageLite message, int deviceMax) throws RoundGoneException;
    }

    private RoundReply take(Device sender, String roundId, Step step, String named, MessageLite message, Check check)
            throws RequestRefusedException {
        return take(
                sender,
                roundId,
                step,
                named,
                message,
                check,
                (round, checked, deviceMax) ->
                        store.take(round.id(), step, sender.id(), checked.toByteString(), deviceMax));
    }

    private RoundReply take(
            Device sender, String roundId, Step step, String named, MessageLite message, Check check, Keep keep)
            throws RequestRefusedException {
        try {
            return takenUnlessGone(sender, roundId, step, named, message, check, keep);
        } catch (RoundGoneException e) {
            return Replies.over(
                    store.findRound(roundId).orElseThrow(Intake::noRound).phase());
        }
    }

    private RoundReply takenUnlessGone(
            Device sender, String roundId, Step step, String named, MessageLite message, Check check, Keep keep)
            throws RequestRefusedException, RoundGoneException {
        if (!named.equals(roundId)) {
            throw new RequestRefusedException(Kind.MALFORMED, "The message is of another round than its address");
        }
        StoredRound round = store.findRound(roundId).orElseThrow(Intake::noRound);
        if (!keeper.population(round.taskId()).equals(sender.population())) {
            throw noRound();
        }
        Set<Step> steps = store.stepsOf(roundId, sender.id());
        if (round.phase().isOver()) {
            return steps.isEmpty() ? Replies.over(Over.Code.NOT_A_MEMBER) : Replies.over(round.phase());
        }
        if (steps.contains(step)) {
            // Nothing can be stored twice, so there is nothing to check: the same bytes or not.
            return reply(keep.keep(round, message, 0));
        }
        Taken verdict = verdict(round, step, steps);
        if (verdict != Taken.TAKEN) {
            return reply(verdict);
        }
        MessageLite checked = checked(round, check);
        int deviceMax = facts.terms(round).terms().getCohort().getSizeMax();
        Taken taken = keep.keep(round, checked, deviceMax);
        if (taken == Taken.TAKEN) {
            keeper.noticed(roundId);
        }
        return reply(taken);
    }

    /** What the store will say, unless the phase closes meanwhile: an unchecked message never gets as far as that. */
    private static Taken verdict(StoredRound round, Step step, Set<Step> steps) {
        if (step != Step.ADVERTISE && !steps.contains(Step.ADVERTISE)) {
            return Taken.NOT_A_MEMBER;
        }
        if (!round.phase().takes(step)) {
            return round.phase().isPast(step) ? Taken.TOO_LATE : Taken.TOO_EARLY;
        }
        for (Step before : Step.values()) {
            if (before.isForAll() && before.compareTo(step) < 0 && !steps.contains(before)) {
                return Taken.TOO_LATE;
            }
        }
        return Taken.TAKEN;
    }

    private static MessageLite checked(StoredRound round, Check check)
            throws RequestRefusedException, RoundGoneException {
        try {
            return check.checked(round);
        } catch (MessageRefusedException e) {
            throw new RequestRefusedException(Kind.MALFORMED, String.valueOf(e.getMessage()));
        }
    }

    private static void requireOwn(Device sender, Advertisement advertisement) throws RequestRefusedException {
        DeviceCertificate certificate = Stored.parse(
                DeviceCertificate.parser(), advertisement.getCertificate().getPayload());
        boolean own = certificate.getDeviceId().equals(sender.id())
                && certificate.getSigningKey().equals(sender.signingKey())
                && certificate.getPopulation().equals(sender.population());
        if (!own) {
            throw new RequestRefusedException(Kind.FORBIDDEN, "An advertisement with another device's certificate");
        }
    }

    private static RequestRefusedException noRound() {
        return new RequestRefusedException(Kind.NOT_FOUND, "No such round");
    }

    private static RoundReply reply(Taken taken) throws RequestRefusedException {
        return switch (taken) {
            case TAKEN, ALREADY_TAKEN -> Replies.received(); // a retry looks like the first try
            case UNDECIDED -> Replies.wait(ASK_AGAIN); // what the device waits for next tells it
            case TOO_LATE -> Replies.over(Over.Code.TOO_LATE);
            case FULL -> Replies.over(Over.Code.COHORT_FULL);
            case NOT_A_MEMBER -> Replies.over(Over.Code.NOT_A_MEMBER);
            case DIFFERENT -> throw new RequestRefusedException(Kind.CONFLICT, "Another message was taken before");
            case TOO_EARLY -> throw new RequestRefusedException(Kind.CONFLICT, "This step has not begun");
            case NO_SUCH_ROUND -> throw noRound();
        };
    }
}
