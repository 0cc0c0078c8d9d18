package dev.coppice.agent;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.text.Example;
import dev.coppice.agent.checkin.FrontDesk;
import dev.coppice.agent.store.HomeInUseException;
import dev.coppice.agent.store.LedgerStatement;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.agent.training.Classroom;
import dev.coppice.agent.training.Classroom.Answer;
import dev.coppice.agent.training.Classroom.Progress;
import dev.coppice.agent.training.EngineSource;
import dev.coppice.agent.training.Judgement;
import dev.coppice.agent.training.OwnEngines;
import dev.coppice.agent.upload.ServerRefusedException;
import dev.coppice.agent.upload.Wire;
import dev.coppice.crypto.signing.SignatureRefusedException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One device's part of Coppice: keeps examples, predicts, adapts the model to its user, takes part in rounds, and
 * installs what comes of them.
 *
 * <p>Thread-safe, without a thread of its own. {@link #enrol}, {@link #takePart}, {@link #update}, {@link #rollBack}
 * and {@link #personalize} take turns and may take minutes to hours; all else goes on beside them. An interrupted
 * call leaves the device as after a crash, which is always a sound state. After {@link #close} every call fails.
 */
public final class Agent implements AutoCloseable {
    private final AgentConfig config;
    private final Home home;
    private final Classroom classroom;
    private final Optional<OwnEngines> ownEngines;
    private final FrontDesk desk;
    private final Candidates candidates;
    private final ReentrantLock work = new ReentrantLock();
    private final ReentrantLock stores = new ReentrantLock();
    private volatile InUse inUse;
    private boolean closed;

    private Agent(AgentConfig config, Home home) throws IOException, KitRefusedException {
        this.config = config;
        this.home = home;
        Kit kit = config.kits().kit(config.baseModel(), config.kitSpec());
        this.ownEngines = config.engines().isPresent()
                ? Optional.empty()
                : Optional.of(new OwnEngines(1, EngineKind.ORT_TRAINING));
        EngineSource engines = config.engines().isPresent() ? config.engines().get() : ownEngines.orElseThrow();
        this.classroom = new Classroom(config.baseModel(), kit, engines);
        this.desk = new FrontDesk(config.population(), config.baseModel().sha256(), config.clock(), config.random());
        this.candidates = new Candidates(kit.layout());
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
     * Trades an enrolment token for a certificate. Once enrolled, a device stays so until its certificate expires.
     *
     * @param token 32 bytes, good for one device
     * @throws ServerRefusedException if the token is unknown or used
     * @throws SignatureRefusedException if the pinned enrolment authority did not sign the certificate
     */
    public void enrol(byte[] token)
            throws IOException, InterruptedException, ServerRefusedException, SignatureRefusedException {
        work.lockInterruptibly();
        try {
            requireOpen();
            desk.enrol(new Wire(config.transport(), config.pause()), home.identity(), token);
        } finally {
            work.unlock();
        }
    }

    /** Whether the device holds a certificate that is valid now. */
    public boolean isEnrolled() throws IOException {
        return home.identity()
                .member(config.population(), config.clock().instant())
                .isPresent();
    }

    /** Keeps a text and what it means. When this returns, it survives a crash. It never leaves the device. */
    public void addExample(String text, String label) throws IOException {
        addExamples(List.of(new Example(text, label)));
    }

    /** Keeps a text without a label, for language models. */
    public void addText(String text) throws IOException {
        addExamples(List.of(new Example(text, "")));
    }

    /**
     * Keeps examples, all or none.
     *
     * @throws IllegalArgumentException if one has no text, or more than 64 KiB of it, or a label of more than 256 bytes
     */
    public void addExamples(List<Example> examples) throws IOException {
        stores.lock();
        try {
            requireOpen();
            home.examples().add(List.copyOf(examples));
        } finally {
            stores.unlock();
        }
    }

    /** How many examples the device keeps, held-out ones included. */
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
     * the privacy ledger, and sends the clipped, noised and masked update. Waits for the others of the cohort.
     *
     * @throws IOException if the device's own files cannot be read; trouble with the network is an answer
     */
    public Participation takePart() throws IOException, InterruptedException {
        work.lockInterruptibly();
        try {
            requireOpen();
            return new Contribution(config, classroom, candidates, home).make(desk, examples(false));
        } finally {
            work.unlock();
        }
    }

    /**
     * Looks for a newer skill pack, and installs it if its signatures and files are good and it is not worse on the
     * device's own held-out examples. A personal adapter on top of the old pack is set aside.
     */
    public Installation update() throws IOException, InterruptedException, EngineException {
        work.lockInterruptibly();
        try {
            requireOpen();
            Installation result =
                    new Renewal(config, classroom, home.packs()).make(inUse, classroom.usable(examples(true)));
            inUse = InUse.read(home, classroom.kit());
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
            boolean changed = home.packs().rollBack();
            inUse = InUse.read(home, classroom.kit());
            return changed;
        } finally {
            work.unlock();
        }
    }

    /**
     * Trains an adapter for this device alone, from the installed pack (or the base model) on the device's examples. It
     * is used only if it beats what is in use now on the held-out examples. Nothing of it ever leaves the device.
     */
    public Personalization personalize() throws IOException, InterruptedException, EngineException {
        work.lockInterruptibly();
        try {
            requireOpen();
            return personalize(classroom.usable(examples(false)), classroom.usable(examples(true)));
        } finally {
            work.unlock();
        }
    }

    /**
     * The best answer this device has.
     *
     * @param text of any length; what does not fit into the kit's length is cut off
     */
    public Prediction predict(String text) throws InterruptedException, EngineException {
        InUse now = inUse;
        Answer answer = classroom.answer(now.best(), text);
        return new Prediction(answer.text(), answer.probability(), now.bestSource());
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

    /** Waits for work that is going on, then frees the home. Closing twice is harmless. */
    @Override
    public void close() throws IOException {
        work.lock();
        stores.lock();
        try {
            if (!closed) {
                closed = true;
                ownEngines.ifPresent(OwnEngines::close);
                config.closeOwnTransport();
                home.close();
            }
        } finally {
            stores.unlock();
            work.unlock();
        }
    }

    private Personalization personalize(List<Example> training, List<Example> heldOut)
            throws IOException, InterruptedException, EngineException {
        if (training.isEmpty() || heldOut.isEmpty()) {
            return new Personalization.TooFewExamples(training.size(), heldOut.size());
        }
        InUse now = inUse;
        double before = classroom.judge(now.best(), heldOut).loss();
        Progress best = classroom.trainToBest(now.pack(), training, heldOut, config.course(), config.random());
        double after = best.heldOut().loss();
        if (!(after < before)) {
            return new Personalization.KeptOld(before, after, best.steps());
        }
        home.personal().keep(now.binding(), best.weights());
        inUse = InUse.read(home, classroom.kit());
        return new Personalization.Improved(before, after, best.steps());
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

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the agent is closed");
        }
    }
}
