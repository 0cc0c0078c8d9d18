package dev.coppice.agent;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.merge.AdapterPart;
import dev.coppice.adapters.merge.Factor;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.install.PersonalAdapter;
import dev.coppice.agent.policy.NotNow;
import dev.coppice.agent.policy.Work;
import dev.coppice.agent.policy.WorkGate;
import dev.coppice.agent.store.Event;
import dev.coppice.agent.store.Event.Kind;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.Classroom.Progress;
import dev.coppice.agent.training.Judgement;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Trains the personal adapter, and lets it into use only where it makes nothing worse. Of the examples, oldest first, it
 * trains on the first part, ends by the next, and is judged by the newest, which took no part in making it. Use under the
 * agent's lock.
 */
final class Personalizing {
    /** One of so many examples to train on, the newest, says when to end. */
    private static final int STOPPING_ONE_IN = 5;

    /** How much of what the app tests an adapter may unlearn: share of right answers. */
    private static final double UNLEARNED_MAX = 0.05;

    private static final int MORE_EXAMPLES_MIN = 10;

    /** One-sided, at a level of 0.05. */
    private static final double DRIFT_DEVIATIONS = 1.645;

    private final AgentConfig config;
    private final Classroom classroom;
    private final Home home;
    private final WorkGate gate;

    Personalizing(AgentConfig config, Classroom classroom, Home home, WorkGate gate) {
        this.config = config;
        this.classroom = classroom;
        this.home = home;
        this.gate = gate;
    }

    Personalization make(InUse now, List<Example> training, List<Example> heldOut)
            throws IOException, InterruptedException, EngineException {
        Optional<NotNow> obstacle = gate.obstacle(Work.PERSONALIZE);
        if (obstacle.isPresent()) {
            return notNow(obstacle.get());
        }
        if (!isEnough(training, heldOut)) {
            return new Personalization.TooFewExamples(training.size(), heldOut.size());
        }
        int fit = training.size() - Math.max(1, training.size() / STOPPING_ONE_IN);
        Progress best;
        try (WorkGate.Stretch stretch = gate.begin(Work.PERSONALIZE)) {
            best = classroom.trainToBest(
                    now.pack(),
                    training.subList(0, fit),
                    training.subList(fit, training.size()),
                    config.course(),
                    config.random(),
                    stretch::mayGoOn);
            if (stretch.stopped().isPresent()) {
                return notNow(stretch.stopped().get());
            }
        }
        return judge(now, best, training.size() + heldOut.size(), heldOut);
    }

    private Personalization judge(InUse now, Progress best, int examples, List<Example> heldOut)
            throws IOException, InterruptedException, EngineException {
        double before = classroom.judge(now.best(), heldOut).loss();
        Judgement after = classroom.judge(best.weights(), heldOut);
        if (!(after.loss() < before)) {
            note(Kind.PERSONAL_KEPT_OLD, examples, before, after.loss(), now);
            return new Personalization.KeptOld(before, after.loss(), best.steps());
        }
        if (!config.tests().isEmpty()) {
            double pack = classroom.judge(now.pack(), config.tests()).accuracy();
            double own = classroom.judge(best.weights(), config.tests()).accuracy();
            if (hasUnlearned(pack, own)) {
                note(Kind.PERSONAL_FORGOT, examples, pack, own, now);
                return new Personalization.Forgot(pack, own);
            }
        }
        PersonalAdapter adapter = new PersonalAdapter(best.weights(), examples, after.positions(), after.accuracy());
        home.personal().keep(now.binding(), adapter);
        note(Kind.PERSONAL_IMPROVED, examples, before, after.loss(), now);
        return new Personalization.Improved(before, after.loss(), best.steps());
    }

    private static boolean hasUnlearned(double pack, double own) {
        return !(own >= pack - UNLEARNED_MAX);
    }

    /**
     * Where a task shares A alone, packs hold a B that knows nothing: the device's own, which rounds left here, takes its
     * place if that answers the newest examples better than what is in use, as a personal adapter does.
     *
     * @return whether it does
     */
    boolean useOwnFactors(InUse now, int examples, List<Example> heldOut)
            throws IOException, InterruptedException, EngineException {
        AdapterPart own =
                AdapterPart.of(classroom.kit().layout(), Set.of(Factor.A)).rest();
        Optional<AdapterWeights> kept = home.ownFactors().latest(own.layout());
        if (kept.isEmpty() || heldOut.isEmpty()) {
            return false;
        }
        AdapterWeights weights = own.replaced(now.pack(), kept.get().toArray());
        double before = classroom.judge(now.best(), heldOut).loss();
        Judgement after = classroom.judge(weights, heldOut);
        if (!(after.loss() < before)) {
            return false;
        }
        if (!config.tests().isEmpty()
                && hasUnlearned(
                        classroom.judge(now.pack(), config.tests()).accuracy(),
                        classroom.judge(weights, config.tests()).accuracy())) {
            return false;
        }
        home.personal()
                .keep(now.binding(), new PersonalAdapter(weights, examples, after.positions(), after.accuracy()));
        note(Kind.OWN_FACTORS_IN_USE, heldOut.size(), before, after.loss(), now);
        return true;
    }

    /** Why a personal adapter should be trained now; empty if there is no reason, or there are too few examples. */
    Optional<PersonalizationDue> due(InUse now, List<Example> training, List<Example> heldOut)
            throws InterruptedException, EngineException {
        if (!isEnough(training, heldOut)) {
            return Optional.empty();
        }
        Optional<Event> last = lastTraining();
        if (last.isEmpty()) {
            return Optional.of(PersonalizationDue.NEVER_TRAINED);
        }
        if (last.get().packVersion() != now.version()) {
            return Optional.of(PersonalizationDue.OTHER_PACK);
        }
        int more = training.size() + heldOut.size() - last.get().examples();
        if (more >= Math.max(MORE_EXAMPLES_MIN, last.get().examples() / 4)) {
            return Optional.of(PersonalizationDue.MORE_EXAMPLES);
        }
        return more > 0 && hasDrifted(now, heldOut) ? Optional.of(PersonalizationDue.DRIFTED) : Optional.empty();
    }

    /**
     * Judges by the newest examples whether the personal adapter of the pack before is better than the new pack: if so it
     * stays in use.
     *
     * @return whether it does
     */
    boolean carryOver(InUse before, InUse now, List<Example> heldOut)
            throws IOException, InterruptedException, EngineException {
        if (before.personal().isEmpty() || heldOut.isEmpty()) {
            return false;
        }
        PersonalAdapter adapter = before.personal().get();
        double pack = classroom.judge(now.pack(), heldOut).loss();
        Judgement own = classroom.judge(adapter.weights(), heldOut);
        boolean better = own.loss() < pack;
        if (better) {
            home.personal()
                    .keep(
                            now.binding(),
                            new PersonalAdapter(
                                    adapter.weights(), adapter.examples(), own.positions(), own.accuracy()));
        }
        Kind kind = better ? Kind.PERSONAL_CARRIED_OVER : Kind.PERSONAL_SET_ASIDE;
        note(kind, heldOut.size(), pack, own.loss(), now);
        return better;
    }

    /** Whether the newest examples are answered worse than those by which the adapter was judged when it was made. */
    private boolean hasDrifted(InUse now, List<Example> heldOut) throws InterruptedException, EngineException {
        if (now.personal().isEmpty()) {
            return false;
        }
        PersonalAdapter then = now.personal().get();
        Judgement today = classroom.judge(then.weights(), heldOut);
        double pooled = (then.accuracy() * then.positions() + today.accuracy() * today.positions())
                / (then.positions() + today.positions());
        double deviation = Math.sqrt(pooled * (1 - pooled) * (1.0 / then.positions() + 1.0 / today.positions()));
        return then.accuracy() - today.accuracy() > DRIFT_DEVIATIONS * deviation && deviation > 0;
    }

    private boolean isEnough(List<Example> training, List<Example> heldOut) {
        return training.size() >= Math.max(2, config.data().examplesMin()) && !heldOut.isEmpty();
    }

    private Optional<Event> lastTraining() {
        List<Event> events = home.history().events();
        for (int i = events.size() - 1; i >= 0; i--) {
            switch (events.get(i).kind()) {
                case PERSONAL_IMPROVED, PERSONAL_KEPT_OLD, PERSONAL_FORGOT -> {
                    return Optional.of(events.get(i));
                }
                case FORGOTTEN -> {
                    return Optional.empty();
                }
                default -> {} // of other things
            }
        }
        return Optional.empty();
    }

    private void note(Kind kind, int examples, double before, double after, InUse now) throws IOException {
        home.history().add(new Event(config.clock().instant(), kind, examples, before, after, now.version()));
    }

    private static Personalization notNow(NotNow why) {
        return new Personalization.NotNow(why.obstacle(), why.comeBack());
    }
}
