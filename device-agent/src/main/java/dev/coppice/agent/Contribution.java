package dev.coppice.agent;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.checkin.Advice;
import dev.coppice.agent.checkin.FrontDesk;
import dev.coppice.agent.checkin.HaltOrder;
import dev.coppice.agent.checkin.OwnRules;
import dev.coppice.agent.checkin.Reason;
import dev.coppice.agent.checkin.StayOutException;
import dev.coppice.agent.install.PersonalAdapter;
import dev.coppice.agent.install.Sharing;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.policy.Consents;
import dev.coppice.agent.policy.NotNow;
import dev.coppice.agent.policy.Obstacle;
import dev.coppice.agent.policy.Work;
import dev.coppice.agent.policy.WorkGate;
import dev.coppice.agent.store.LedgerRefusedException;
import dev.coppice.agent.store.Spending;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.upload.DeviceGoneException;
import dev.coppice.agent.upload.RoundCalls;
import dev.coppice.agent.upload.RoundOverException;
import dev.coppice.agent.upload.RoundVisit;
import dev.coppice.agent.upload.Sender;
import dev.coppice.agent.upload.ServerRefusedException;
import dev.coppice.agent.upload.Step;
import dev.coppice.agent.upload.Transport;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.masking.Member;
import dev.coppice.crypto.masking.Peers;
import dev.coppice.crypto.masking.RoundRefusedException;
import dev.coppice.crypto.masking.VerifiedTerms;
import dev.coppice.crypto.metrics.Figure;
import dev.coppice.crypto.metrics.MetricsLayout;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import dev.coppice.crypto.privacy.PrivacyLedger.Statement;
import dev.coppice.crypto.privacy.PrivacyLedger.Total;
import dev.coppice.crypto.signing.SignatureRefusedException;
import dev.coppice.protocol.Signed;
import dev.coppice.protocol.round.CheckInReply;
import dev.coppice.protocol.round.MetricsSubject;
import dev.coppice.protocol.round.Over;
import dev.coppice.protocol.round.RoundTerms;
import dev.coppice.protocol.round.TrainingHalt;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt to take part in a round, from check-in to the last step. Use once, on one thread. */
final class Contribution {
    private static final Logger LOG = LoggerFactory.getLogger(Contribution.class);
    private static final Duration COME_BACK_MAX = Duration.ofDays(1);
    private static final Duration HALTED = Duration.ofHours(1);

    private final AgentConfig config;
    private final Classroom classroom;
    private final Candidates candidates;
    private final Home home;
    private final WorkGate gate;
    private final FrontDesk desk;
    private final Wire wire;
    private String roundId = "";
    private Step step = Step.CHECK_IN;

    Contribution(
            AgentConfig config, Classroom classroom, Candidates candidates, Home home, WorkGate gate, FrontDesk desk) {
        this.config = config;
        this.classroom = classroom;
        this.candidates = candidates;
        this.home = home;
        this.gate = gate;
        this.desk = desk;
        this.wire = new Wire(whileAllowed(config.transport(), home.consents()), config.pause(), desk.signer());
    }

    /** Once the user has withdrawn, nothing more is sent, whatever has begun. */
    private static Transport whileAllowed(Transport transport, Consents consents) {
        return new Transport() {
            @Override
            public Reply exchange(Request request) throws IOException, InterruptedException {
                if (!consents.has(Consent.CONTRIBUTE)) {
                    throw new DeviceGoneException("the user does not allow it any more");
                }
                return transport.exchange(request);
            }

            @Override
            public boolean carriesHeaders() {
                return transport.carriesHeaders();
            }
        };
    }

    /**
     * What a device can put into a round.
     *
     * @param training examples that may be trained on
     * @param heldOut examples that never were
     * @param pack in use now
     * @param personal on top of it, if there is one
     */
    private record Own(
            List<Example> training, List<Example> heldOut, AdapterWeights pack, Optional<PersonalAdapter> personal) {}

    /** What it puts in: an update, or figures. */
    @SuppressWarnings("ArrayRecordComponent") // handed on at once
    private record Input(float[] values, int steps, double loss) {}

    /** Asks for a round, and takes part in it with what the device has of its own. */
    Participation make(List<Example> training, List<Example> heldOut, InUse inUse)
            throws IOException, InterruptedException {
        Optional<NotNow> obstacle = gate.obstacle(Work.ROUND);
        if (obstacle.isPresent()) {
            return notNow(obstacle.get());
        }
        try {
            return attempt(new Own(training, heldOut, inUse.pack(), inUse.personal()));
        } finally {
            gate.moved(wire.bytesUp() + wire.bytesDown());
        }
    }

    private Participation attempt(Own own) throws IOException, InterruptedException {
        try {
            renewIfDue();
            Optional<Member> member =
                    home.identity().member(config.population(), config.clock().instant());
            if (member.isEmpty()) {
                return refused(Reason.NOT_ENROLLED, whyNoMember());
            }
            requireRounds();
            CheckInReply reply = desk.checkIn(wire, member.get(), own.training().size());
            learn(reply, member.get());
            if (home.halt().isHalted()) {
                return new Participation.NotNow(Obstacle.HALTED, HALTED);
            }
            return switch (reply.getAnswerCase()) {
                case ASSIGNMENT -> takePart(member.get(), reply.getAssignment().getTerms(), own);
                case COME_BACK -> comeBack(reply.getComeBack().getAfterMillis());
                case CLOCK_OFF, ANSWER_NOT_SET ->
                    throw new IOException("the aggregator's answer to a check-in is empty");
            };
        } catch (StayOutException e) {
            return refused(e.reason(), message(e));
        } catch (RoundRefusedException e) {
            return step == Step.CHECK_IN ? refused(Reason.TERMS_REFUSED, message(e)) : droppedOut(e);
        } catch (LedgerRefusedException.OverBudget e) {
            return refused(Reason.BUDGET_SPENT, message(e));
        } catch (LedgerRefusedException e) {
            return refused(Reason.ALREADY_ENTERED, message(e));
        } catch (EngineException e) {
            return refused(Reason.TRAINING_FAILED, message(e));
        } catch (ServerRefusedException e) {
            return step == Step.CHECK_IN ? refused(Reason.SERVER_REFUSED, message(e)) : droppedOut(e);
        } catch (IOException e) {
            return droppedOut(e);
        }
    }

    private String whyNoMember() throws IOException {
        return home.identity()
                .validity()
                .map(validity -> "the device's certificate is good " + validity + ", and this device's clock says "
                        + config.clock().instant())
                .orElse("the device holds no certificate");
    }

    /** A certificate that is not over yet serves while a new one cannot be had. */
    private void renewIfDue() throws IOException, InterruptedException {
        if (home.identity().isRenewalDue(config.clock().instant())) {
            try {
                desk.renew(wire, home.identity());
            } catch (ServerRefusedException | SignatureRefusedException e) {
                LOG.atWarn().setCause(e).log("the device's certificate could not be renewed");
            }
        }
    }

    /**
     * An aggregator's word can halt this device, and make its rounds dearer, and nothing else; so that nobody else can, it is
     * signed.
     */
    private void learn(CheckInReply reply, Member member) throws IOException, StayOutException {
        if (reply.hasHalt()) {
            TrainingHalt halt =
                    HaltOrder.verified(reply.getHalt(), config.trust().server(), config.population());
            home.halt().learn(halt.getSequence(), halt.getHalted());
        }
        if (reply.hasSpent()) {
            Total known = Advice.verified(reply.getSpent(), config.trust().server(), member.deviceId());
            home.ledger().learn(member.deviceId(), known, config.clock().instant());
        }
    }

    private Participation takePart(Member member, Signed offered, Own own)
            throws IOException, InterruptedException, StayOutException, RoundRefusedException, LedgerRefusedException,
                    EngineException, ServerRefusedException {
        VerifiedTerms verified = VerifiedTerms.verify(offered, config.trust().server());
        RoundTerms terms = verified.terms();
        roundId = terms.getRoundId();
        NoisePlan noise = judge(verified);
        Spending spending = spending(verified.terms(), noise, member);
        home.ledger()
                .affords(spending, config.budget().inAnyPeriod(), config.clock().instant());
        step = Step.TRAIN;
        Input input;
        try (WorkGate.Stretch stretch = gate.begin(Work.ROUND)) {
            input = terms.hasMetrics() ? figures(terms, own) : update(terms, own.training(), stretch);
            if (stretch.stopped().isPresent()) {
                return notNow(stretch.stopped().get());
            }
        }
        gate.entered();
        return visit(verified, noise, spending, member, input);
    }

    private Input update(RoundTerms terms, List<Example> training, WorkGate.Stretch stretch)
            throws IOException, InterruptedException, StayOutException, EngineException, ServerRefusedException {
        List<Example> lessons = enough(training, terms.getTraining().getExamplesMin());
        Sharing sharing = Sharing.of(terms, classroom.kit().layout(), home.ownFactors());
        AdapterWeights start = sharing.start(candidates.fetch(wire, terms.getCandidateSha256()));
        Classroom.Trained trained = classroom.train(
                start,
                sharing.held(),
                lessons,
                terms.getTraining().getLocalSteps(),
                terms.getTraining().getLearningRate(),
                config.random(),
                stretch::mayGoOn);
        if (stretch.stopped().isEmpty()) {
            sharing.keep(trained.weights());
        }
        return new Input(sharing.update(start, trained.weights(), lessons.size()), trained.steps(), trained.loss());
    }

    private Input figures(RoundTerms terms, Own own)
            throws IOException, InterruptedException, StayOutException, EngineException, ServerRefusedException {
        if (terms.getMetrics().getSubject() == MetricsSubject.PERSONAL_ADAPTERS) {
            return told(terms, Feedback.of(own.personal(), own.pack(), classroom.usable(own.heldOut()), classroom));
        }
        long version = terms.getMetrics().getPackVersion();
        Map<Figure, Double> figures = version > 0
                ? Feedback.of(home.trials().find(version))
                : Feedback.of(
                        candidates.fetch(wire, terms.getCandidateSha256()),
                        own.pack(),
                        classroom.usable(own.heldOut()),
                        classroom);
        return told(terms, figures);
    }

    private Input told(RoundTerms terms, Map<Figure, Double> figures) {
        float[] vector = MetricsLayout.of(terms.getMetrics()).vector(config.deviceClass(), figures);
        return new Input(vector, 0, Double.NaN);
    }

    /** All that can be judged before any work is done. */
    private NoisePlan judge(VerifiedTerms verified) throws StayOutException {
        OwnRules rules = new OwnRules(
                config.skill(),
                config.baseModel().sha256(),
                config.kitSpec(),
                config.budget().noiseMultiplierMin(),
                config.localStepsMax(),
                config.trustsServerNoise(),
                config.hybridKeysOnly());
        NoisePlan noise =
                rules.judge(verified, classroom.kit().sha256(), classroom.kit().layout());
        if (home.ledger().hasEntered(roundId)) {
            throw new StayOutException(Reason.ALREADY_ENTERED, "this device entered the round before");
        }
        return noise;
    }

    /**
     * One release a round: the update and, where the clip adapts, whether it was within the clip are one vector, and the
     * plan's multiplier is of its whole length.
     */
    private static Spending spending(RoundTerms terms, NoisePlan noise, Member member) {
        return new Spending(
                terms.getRoundId(),
                terms.getSkill(),
                member.deviceId(),
                new Charge(noise.noiseMultiplier()),
                Instant.ofEpochMilli(terms.getOpenedEpochMillis()));
    }

    /** Nobody is asked for a round that no noise could make affordable. */
    private void requireRounds() throws LedgerRefusedException {
        PeriodBudget budget = config.budget().inAnyPeriod();
        Statement statement =
                home.ledger().statement(budget, config.clock().instant()).together();
        if (statement.inPeriod().participations() >= budget.participationsMax()) {
            throw new LedgerRefusedException.OverBudget(statement);
        }
    }

    private List<Example> enough(List<Example> training, int examplesMin) throws StayOutException {
        List<Example> usable = classroom.usable(training);
        if (usable.isEmpty() || usable.size() < examplesMin) {
            throw new StayOutException(
                    Reason.TOO_FEW_EXAMPLES,
                    usable.size() + " usable examples to train on, the round wants " + examplesMin);
        }
        return usable;
    }

    private Participation visit(VerifiedTerms verified, NoisePlan noise, Spending spending, Member member, Input input)
            throws IOException, InterruptedException, ServerRefusedException, RoundRefusedException,
                    LedgerRefusedException {
        RoundCalls calls = new RoundCalls(
                wire,
                config.pause(),
                config.clock(),
                config.patience(),
                new Sender(member.deviceId(), member.key()),
                roundId);
        RoundVisit visit = new RoundVisit(
                calls,
                home.ledger(),
                home.releases(),
                home.seenRounds()::keep,
                config.budget().inAnyPeriod(),
                config.clock(),
                new RoundVisit.Draws(config.random(), config.random()));
        step = Step.ADVERTISE;
        try {
            TrustAnchors trust = config.trust();
            Peers peers = Peers.of(trust.enrolment());
            visit.take(verified, noise, spending, member, peers, trust.server(), input.values());
        } catch (RoundOverException e) {
            step = visit.step();
            boolean inTheSum = e.code() == Over.Code.COMPLETED && home.ledger().hasCharged(roundId);
            if (!inTheSum) {
                return droppedOut(e);
            }
        } finally {
            step = visit.step();
        }
        return new Participation.TookPart(
                roundId,
                verified.terms().getSkill(),
                verified.terms().getNumber(),
                input.steps(),
                input.loss(),
                home.ledger().ever().epsilon(config.budget().inAnyPeriod().delta()),
                wire.bytesUp(),
                wire.bytesDown());
    }

    private static Participation notNow(NotNow why) {
        return new Participation.NotNow(why.obstacle(), why.comeBack());
    }

    private static Participation comeBack(int afterMillis) {
        Duration after = Duration.ofMillis(Integer.toUnsignedLong(afterMillis));
        return new Participation.NothingToDo(after.compareTo(COME_BACK_MAX) < 0 ? after : COME_BACK_MAX);
    }

    private Participation refused(Reason reason, String why) {
        return new Participation.Refused(roundId, reason, why);
    }

    private Participation droppedOut(Exception why) {
        return new Participation.DroppedOut(
                roundId, step, message(why), home.ledger().hasCharged(roundId), wire.bytesUp(), wire.bytesDown());
    }

    private static String message(Exception e) {
        return String.valueOf(e.getMessage());
    }
}
