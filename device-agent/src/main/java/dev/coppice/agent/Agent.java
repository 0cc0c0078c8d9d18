package dev.coppice.agent;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.runtime.NativeMemory;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.checkin.FrontDesk;
import dev.coppice.agent.escalation.Escalation;
import dev.coppice.agent.escalation.Reply;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.policy.DailyAmount;
import dev.coppice.agent.policy.DataRules;
import dev.coppice.agent.policy.NotNow;
import dev.coppice.agent.policy.Work;
import dev.coppice.agent.policy.WorkGate;
import dev.coppice.agent.store.Event;
import dev.coppice.agent.store.Event.Kind;
import dev.coppice.agent.store.HomeInUseException;
import dev.coppice.agent.store.KeptExample;
import dev.coppice.agent.store.LedgerStatement;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.EngineSource;
import dev.coppice.agent.training.Judgement;
import dev.coppice.agent.training.OwnEngines;
import dev.coppice.agent.training.Predictor;
import dev.coppice.agent.training.Predictor.Answer;
import dev.coppice.agent.upload.ServerRefusedException;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.signing.SignatureRefusedException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One device's part of Coppice: keeps examples, predicts, adapts the model to its user, takes part in rounds, and
 * installs what comes of them.
 *
 * <p>Thread-safe, without a thread of its own. {@link #enrol}, {@link #takePart}, {@link #update}, {@link #rollBack}
 * and {@link #personalize} take turns and may take minutes to hours; all else goes on beside them. An interrupted
 * call leaves the device as after a crash, which is always a sound state. After {@link #close} every call fails.
 */
public final class Agent implements Personalizer {
    private static final Logger LOG = LoggerFactory.getLogger(Agent.class);

    private final AgentConfig config;
    private final Home home;
    private final WorkGate gate;
    private final Classroom classroom;
    private final Predictor predictor;
    private final Asking asking;
    private final Optional<OwnEngines> ownEngines;
    private final FrontDesk desk;
    private final Candidates candidates;
    private final Personalizing personalizing;
    private final ReentrantLock work = new ReentrantLock();
    private final ReentrantLock stores = new ReentrantLock();
    private volatile InUse inUse;
    private boolean closed;

    private Agent(AgentConfig config, Home home) throws IOException, KitRefusedException {
        this.config = config;
        this.home = home;
        this.gate = new WorkGate(
                config.policy(), config.conditions(), home.consents(), home.halt(), home.use(), config.clock());
        Kit kit = config.kits().kit(config.baseModel(), config.kitSpec());
        this.ownEngines = config.engines().isPresent()
                ? Optional.empty()
                : Optional.of(new OwnEngines(1, EngineKind.ORT_TRAINING, config.clock()));
        EngineSource engines = config.engines().isPresent() ? config.engines().get() : ownEngines.orElseThrow();
        this.classroom = new Classroom(config.baseModel(), kit, engines);
        this.predictor = new Predictor(config.baseModel(), kit, config.providers(), config.clock());
        this.asking = new Asking(
                predictor,
                config.kitSpec().labels(),
                config.escalation()
                        .map(rules -> new Escalation(
                                rules, () -> allows(Consent.ASK_ONLINE), home.questions(), config.clock())));
        this.desk = new FrontDesk(
                new FrontDesk.Traits(
                        config.population(), config.baseModel().sha256(), config.skill(), config.deviceClass()),
                config.clock(),
                config.random());
        this.candidates = new Candidates(kit.layout());
        this.personalizing = new Personalizing(config, classroom, home, gate);
        deleteWhatIsNotAllowed();
        expire();
        this.inUse = InUse.read(home, kit);
    }

    /**
     * Opens an agent on its home. The first time, makes the home, a key and the training kit, which takes seconds.
     *
     * @throws HomeInUseException if another agent has the home open
     * @throws StoreBrokenException if a file of the home was changed by someone else
     * @throws KitRefusedException if the base model does not allow the form of adapter that is asked for
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // the home is closed with the agent, or here if that fails
    public static Agent open(AgentConfig config) throws IOException, KitRefusedException {
        Home home = Home.open(config);
        try {
            return new Agent(config, home);
        } catch (IOException | KitRefusedException e) {
            home.close();
            throw e;
        }
    }

    /**
     * Trades an enrolment token for a certificate. Once enrolled, a device has its certificate renewed by itself, in
     * {@link #takePart}, each time for another key.
     *
     * @param token 32 bytes, good for one device
     * @throws IllegalStateException without {@link Consent#CONTRIBUTE}
     * @throws ServerRefusedException if the token is unknown or used
     * @throws SignatureRefusedException if the pinned enrolment authority did not sign the certificate
     */
    public void enrol(byte[] token)
            throws IOException, InterruptedException, ServerRefusedException, SignatureRefusedException {
        work.lockInterruptibly();
        try {
            requireOpen();
            require(Consent.CONTRIBUTE);
            desk.enrol(new Wire(config.transport(), config.pause()), home.identity(), token);
        } finally {
            work.unlock();
        }
    }

    /** Notes, durably, that the device's user allows something. Ask before: nothing is allowed by itself. */
    @Override
    public void allow(Consent what) throws IOException {
        stores.lock();
        try {
            requireOpen();
            home.consents().give(what, config.clock().instant());
        } finally {
            stores.unlock();
        }
    }

    /**
     * Notes, durably, that the user does not allow something any more, stops what is going on because of it, and deletes
     * what was there because of it: without {@link Consent#LEARN} all examples, personal adapters and the history; without
     * {@link Consent#CONTRIBUTE} the device's key and certificate, and factors that rounds left with it. The ledger stays, or the privacy that was spent would be
     * forgotten. Should the device stop in the middle, the rest is deleted at the next {@link #open}.
     */
    @Override
    public void withdraw(Consent what) throws IOException, InterruptedException {
        requireOpenUnder(stores);
        home.consents().withdraw(what);
        work.lockInterruptibly();
        try {
            requireOpen();
            deleteWhatIsNotAllowed();
            inUse = InUse.read(home, classroom.kit());
        } finally {
            work.unlock();
        }
    }

    /** Whether the user allows something. */
    @Override
    public boolean allows(Consent what) {
        return home.consents().has(what);
    }

    /** Whether the device holds a certificate that is valid now. */
    public boolean isEnrolled() throws IOException {
        return home.identity()
                .member(config.population(), config.clock().instant())
                .isPresent();
    }

    /** Keeps what the right answer would have been, where the device gave a wrong one. */
    @Override
    public void correct(String text, String label) throws IOException {
        keep(List.of(new Example(text, label)), true);
    }

    /**
     * Keeps examples, all or none.
     *
     * @throws IllegalArgumentException if one has no text, or more than 64 KiB of it, or a label of more than 256 bytes
     * @throws IllegalStateException without {@link Consent#LEARN}
     */
    @Override
    public void addExamples(List<Example> examples) throws IOException {
        keep(examples, false);
    }

    /** Deletes all examples, from the disk too, and every adapter that was trained on them for this device alone. */
    @Override
    public void forget() throws IOException, InterruptedException {
        work.lockInterruptibly();
        try {
            requireOpen();
            deleteAllLearned();
            inUse = InUse.read(home, classroom.kit());
        } finally {
            work.unlock();
        }
    }

    /** How many examples the device keeps, held-out ones included. */
    @Override
    public int exampleCount() {
        stores.lock();
        try {
            return home.examples().count();
        } finally {
            stores.unlock();
        }
    }

    /**
     * Asks the aggregator for a round and, if there is one whose terms are acceptable, takes part in it: trains, charges
     * the privacy ledger, and sends the clipped, noised and masked update. Waits for the others of the cohort. In a round of
     * metrics, a few figures of how a skill pack does here take the place of the update, and all else is the same.
     *
     * @throws IOException if the device's own files cannot be read; trouble with the network is an answer
     */
    @Override
    public Participation takePart() throws IOException, InterruptedException {
        work.lockInterruptibly();
        try {
            requireOpen();
            double before = epsilonSpent();
            Participation result = new Contribution(config, classroom, candidates, home, gate, desk)
                    .make(examples(false), examples(true), inUse);
            if (result instanceof Participation.TookPart took) {
                note(Kind.TOOK_PART, took.steps(), before, took.epsilonSpent());
                useOwnFactors();
            }
            return result;
        } finally {
            work.unlock();
        }
    }

    /**
     * Looks for a newer skill pack, and installs it if its signatures and files are good and it is not worse on the
     * device's own held-out examples. A personal adapter on top of the old pack is set aside. An installed pack that
     * release keys do not vouch for any more is dropped, and one whose rollout was halted is left for an earlier one.
     */
    @Override
    public Installation update() throws IOException, InterruptedException, EngineException {
        work.lockInterruptibly();
        try {
            requireOpen();
            Optional<NotNow> obstacle = gate.obstacle(Work.UPDATE);
            if (obstacle.isPresent()) {
                return new Installation.NotNow(
                        obstacle.get().obstacle(), obstacle.get().comeBack());
            }
            List<Example> heldOut = classroom.usable(examples(true));
            InUse before = inUse;
            Installation result = new Renewal(config, classroom, home, gate).make(before, heldOut);
            inUse = InUse.read(home, classroom.kit());
            if (result instanceof Installation.Installed installed) {
                note(Kind.PACK_INSTALLED, heldOut.size(), installed.lossBefore(), installed.lossAfter());
                if (personalizing.carryOver(before, inUse, heldOut)) {
                    inUse = InUse.read(home, classroom.kit());
                }
                useOwnFactors();
            } else if (result instanceof Installation.RolledBack declined) {
                note(Kind.PACK_DECLINED, heldOut.size(), declined.lossBefore(), declined.lossAfter());
            }
            return result;
        } finally {
            work.unlock();
        }
    }

    /**
     * Goes back to the pack that was installed before the present one, or to the base model, and to the personal
     * adapter that belongs to it. The version left is not installed again.
     *
     * @return whether there was a pack to go back from
     */
    public boolean rollBack() throws IOException, InterruptedException {
        work.lockInterruptibly();
        try {
            requireOpen();
            long left = inUse.version();
            boolean changed = home.packs().rollBack();
            inUse = InUse.read(home, classroom.kit());
            if (changed) {
                home.trials().wentBack(left);
                note(Kind.PACK_ROLLED_BACK, 0, Double.NaN, Double.NaN);
            }
            return changed;
        } finally {
            work.unlock();
        }
    }

    /**
     * Has the device stay with a version of the skill pack for as long as release keys vouch for it, durably: the next
     * {@link #update} goes there, back too, but to no version that was worse here, or that {@link #rollBack} left. A version that the app was built with
     * ({@link AgentConfig.Builder#pinPack}) counts for more. One that is not released, or for other devices, changes nothing.
     *
     * @param version 1 or more
     */
    public void pinPack(long version) throws IOException, InterruptedException {
        work.lockInterruptibly();
        try {
            requireOpen();
            home.pin().set(version);
        } finally {
            work.unlock();
        }
    }

    /** Has the device follow the rollout again. */
    public void unpinPack() throws IOException, InterruptedException {
        work.lockInterruptibly();
        try {
            requireOpen();
            home.pin().clear();
        } finally {
            work.unlock();
        }
    }

    /** The version of the skill pack that the app or the user pinned; empty if none. */
    public OptionalLong pinnedPack() {
        return config.pinnedPack().isPresent()
                ? config.pinnedPack()
                : home.pin().find();
    }

    /**
     * Notes, durably, that the app crashed while the installed pack was in use; apps whose crashes are reported to them call
     * it at the next start. It is told to nobody but in a round of metrics, as one of the sum.
     */
    public void crashed() throws IOException, InterruptedException {
        work.lockInterruptibly();
        try {
            requireOpen();
            home.trials().crashed(inUse.version());
        } finally {
            work.unlock();
        }
    }

    /**
     * Goes back to the personal adapter before the present one on the same pack, or to the pack alone; the device keeps the
     * last few.
     *
     * @return whether there was one to go back from
     */
    public boolean rollBackPersonal() throws IOException, InterruptedException {
        work.lockInterruptibly();
        try {
            requireOpen();
            boolean changed = home.personal().rollBack(inUse.binding());
            inUse = InUse.read(home, classroom.kit());
            if (changed) {
                note(Kind.PERSONAL_ROLLED_BACK, 0, Double.NaN, Double.NaN);
            }
            return changed;
        } finally {
            work.unlock();
        }
    }

    /**
     * Trains an adapter for this device alone, from the installed pack (or the base model) on the device's examples. It
     * is used only if it beats what is in use now on the newest examples, and has not unlearned what the app tests.
     * Nothing of it ever leaves the device.
     */
    @Override
    public Personalization personalize() throws IOException, InterruptedException, EngineException {
        work.lockInterruptibly();
        try {
            requireOpen();
            Personalization result =
                    personalizing.make(inUse, classroom.usable(examples(false)), classroom.usable(examples(true)));
            inUse = InUse.read(home, classroom.kit());
            return result;
        } finally {
            work.unlock();
        }
    }

    /** Why {@link #personalize} would be worth its work now; empty if it would not. */
    public Optional<PersonalizationDue> personalizationDue() throws InterruptedException, EngineException {
        return personalizing.due(inUse, classroom.usable(examples(false)), classroom.usable(examples(true)));
    }

    /**
     * The best answer this device has.
     *
     * @param text of any length; what does not fit into the kit's length is cut off
     */
    @Override
    public Prediction predict(String text) throws InterruptedException, EngineException {
        InUse now = inUse;
        Answer answer = predictor.answer(now.best(), text);
        return new Prediction(answer.text(), answer.probability(), now.bestSource());
    }

    /**
     * The device's answer where it is sure, and else a larger model's, if the app gave one and the user allows to ask it
     * ({@link Consent#ASK_ONLINE}): the text leaves the device redacted. What the device is sure of, it learns from its
     * held-out examples. There is always an answer. May take as long as the larger model may.
     *
     * @throws IllegalStateException if this is a language model, which has no labels
     */
    public Reply ask(String text) throws InterruptedException, EngineException {
        requireOpenUnder(stores);
        return asking.ask(text, inUse, classroom.usable(examples(true)));
    }

    /**
     * Measures. Examples that the kit cannot use (an unknown label, no text) do not count.
     *
     * @param source PERSONAL without a personal adapter measures the pack, PACK without a pack the base model, and
     *     CANDIDATE without a round since {@link #open} the pack
     */
    public Evaluation evaluate(List<Example> examples, Source source) throws InterruptedException, EngineException {
        List<Example> usable = classroom.usable(examples);
        Judgement judgement = classroom.judge(weights(source), usable);
        return new Evaluation(usable.size(), judgement.positions(), judgement.accuracy(), judgement.loss());
    }

    /** Version of the installed skill pack; 0 if there is none. */
    public long installedVersion() {
        return inUse.version();
    }

    /** Epsilon that the ledger shows for this device's life so far, at the budget's delta. */
    public double epsilonSpent() {
        return home.ledger().ever().epsilon(config.budget().inAnyPeriod().delta());
    }

    /**
     * What this device has spent of its budget, in the period up to now and in its life, together and in each skill; how
     * many rounds are left, and when the oldest of the period's frees.
     */
    public LedgerStatement privacySpent() {
        return home.ledger()
                .statement(config.budget().inAnyPeriod(), config.clock().instant());
    }

    /**
     * By how much the aggregator last said that its clock is ahead of this device's, if that was too much for a check-in;
     * else zero. Worth telling the user: what is signed for a time is judged by this device's clock, whatever anybody says.
     */
    public Duration aggregatorAhead() {
        return desk.aggregatorAhead();
    }

    /** What the device has learned from its user, and given away; for the user to see. */
    public Report report() {
        stores.lock();
        try {
            List<KeptExample> kept = home.examples().all();
            Map<Consent, Instant> allowed = new EnumMap<>(Consent.class);
            for (Consent consent : Consent.values()) {
                home.consents().since(consent).ifPresent(since -> allowed.put(consent, since));
            }
            InUse now = inUse;
            return new Report(
                    kept.size(),
                    (int) kept.stream().filter(KeptExample::isCorrection).count(),
                    now.bestSource(),
                    now.version(),
                    Map.copyOf(allowed),
                    home.history().events(),
                    privacySpent());
        } finally {
            stores.unlock();
        }
    }

    /** All examples that the device keeps, oldest first: its user's own, to be shown to nobody else. */
    public List<KeptExample> examples() {
        stores.lock();
        try {
            return home.examples().all();
        } finally {
            stores.unlock();
        }
    }

    /** The personal adapter in use as safetensors, for its user to take along; empty if there is none. */
    public Optional<byte[]> personalAdapter() {
        return inUse.personal().map(personal -> Safetensors.write(personal.weights()));
    }

    /** What the device's work used today, of what its policy allows in a day. */
    public DailyAmount usedToday() {
        return gate.usedToday();
    }

    /**
     * Gives back the memory of sessions that answer or train, if none was used for as long as
     * {@link AgentConfig.Builder#restAfter} says; they are opened again when they are needed, in some hundredths of a
     * second. For an app's own scheduler to call now and then, as the agent has no thread; never waits for work that is
     * going on. Engines that the app brought are the app's.
     *
     * @return whether there was something to give back
     */
    public boolean rest() {
        boolean answered = predictor.rest(config.restAfter());
        boolean trained = ownEngines.isPresent() && ownEngines.get().rest(config.restAfter());
        if (answered || trained) {
            NativeMemory.giveBack();
        }
        return answered || trained;
    }

    /** Waits for work that is going on, then frees the home. Closing twice is harmless. */
    @Override
    public void close() throws IOException {
        work.lock();
        stores.lock();
        try {
            if (!closed) {
                closed = true;
                ownEngines.ifPresent(OwnEngines::close);
                predictor.close();
                config.closeOwnTransport();
                home.close();
            }
        } finally {
            stores.unlock();
            work.unlock();
        }
    }

    private void keep(List<Example> examples, boolean corrections) throws IOException {
        stores.lock();
        try {
            requireOpen();
            require(Consent.LEARN);
            Instant now = Instant.ofEpochMilli(config.clock().instant().toEpochMilli());
            home.examples()
                    .add(examples.stream()
                            .map(example -> new KeptExample(example, now, corrections))
                            .toList());
            expire();
        } finally {
            stores.unlock();
        }
    }

    private void expire() throws IOException {
        DataRules rules = config.data();
        int deleted = home.examples().expire(config.clock().instant(), rules.keptFor(), rules.examplesMax());
        if (deleted > 0) {
            home.history()
                    .add(new Event(
                            config.clock().instant(), Kind.EXAMPLES_EXPIRED, deleted, Double.NaN, Double.NaN, 0));
        }
    }

    private void deleteWhatIsNotAllowed() throws IOException {
        if (!home.consents().has(Consent.LEARN)) {
            deleteAllLearned();
        }
        if (!home.consents().has(Consent.CONTRIBUTE)) {
            home.ownFactors().clear();
            home.seenRounds().clear();
            if (home.identity().hasCertificate()) {
                home.forgetIdentity();
            }
        }
    }

    private void deleteAllLearned() throws IOException {
        stores.lock();
        try {
            home.personal().clear();
            home.trials().clear();
            home.ownFactors().clear();
            if (home.examples().count() > 0) {
                home.history().clear();
                home.examples().clear(); // last, so that what was cut off is done again at the next start
                home.history().add(new Event(config.clock().instant(), Kind.FORGOTTEN, 0, Double.NaN, Double.NaN, 0));
            }
        } finally {
            stores.unlock();
        }
    }

    /** What came of a round is worth nothing if it cannot be tried: the round counts all the same. */
    private void useOwnFactors() throws IOException, InterruptedException {
        try {
            if (personalizing.useOwnFactors(inUse, exampleCount(), classroom.usable(examples(true)))) {
                inUse = InUse.read(home, classroom.kit());
            }
        } catch (EngineException e) {
            LOG.atWarn().setCause(e).log("the factors that rounds left here could not be tried");
        }
    }

    private void note(Kind kind, int examples, double before, double after) throws IOException {
        home.history().add(new Event(config.clock().instant(), kind, examples, before, after, inUse.version()));
    }

    private List<Example> examples(boolean heldOut) {
        stores.lock();
        try {
            return heldOut ? home.examples().heldOut() : home.examples().training();
        } finally {
            stores.unlock();
        }
    }

    private AdapterWeights weights(Source source) {
        InUse now = inUse;
        return switch (source) {
            case BASE -> classroom.kit().initial();
            case PACK -> now.pack();
            case PERSONAL -> now.best();
            case CANDIDATE -> candidates.latest().orElse(now.pack());
        };
    }

    private void require(Consent consent) {
        if (!home.consents().has(consent)) {
            throw new IllegalStateException(
                    "the user was not asked, or said no: show what it is about, then call allow(Consent." + consent
                            + ")");
        }
    }

    private void requireOpenUnder(ReentrantLock lock) {
        lock.lock();
        try {
            requireOpen();
        } finally {
            lock.unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the agent is closed");
        }
    }
}
