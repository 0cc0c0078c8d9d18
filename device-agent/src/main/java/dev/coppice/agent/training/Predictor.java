package dev.coppice.agent.training;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.inference.Adapter;
import dev.coppice.adapters.inference.AdapterStack;
import dev.coppice.adapters.inference.AdapterTargets;
import dev.coppice.adapters.inference.Classifier;
import dev.coppice.adapters.inference.Generator;
import dev.coppice.adapters.inference.Language;
import dev.coppice.adapters.inference.NextToken;
import dev.coppice.adapters.inference.SpecialIds;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.SessionSettings;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers texts by a session of its own, which is small and opened when it is first asked (and again after a {@link #rest}), so that
 * no answer waits for training. Texts are read as in training. Safe for use by many threads, which take turns.
 */
public final class Predictor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Predictor.class);

    private final BaseModel model;
    private final Kit kit;
    private final List<String> providers;
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Session session;
    private @Nullable AdapterStack stack;
    private @Nullable AdapterWeights stacked;
    private final LastUse lastUse;
    private boolean closed;

    /**
     * @param model that the kit was derived from; stays the caller's
     * @param providers that answers should run on, the most wanted first; the CPU if none of them can
     * @param clock by which it is idle
     */
    public Predictor(BaseModel model, Kit kit, List<String> providers, InstantSource clock) {
        this.model = model;
        this.kit = kit;
        this.providers = List.copyOf(providers);
        this.lastUse = new LastUse(clock);
    }

    /** The model's likeliest answer: a label, or for a language model the token after the text. */
    public record Answer(String text, double probability) {}

    /** The likeliest answer to a text of any length; what does not fit into the kit's length is cut off. */
    public Answer answer(AdapterWeights weights, String text) throws InterruptedException, EngineException {
        return use(weights, (open, adapters) -> open.answer(text, adapters));
    }

    /**
     * For each text one logit a label, in the order of the kit's labels.
     *
     * @throws IllegalStateException if the kit is a language model's
     */
    public List<float[]> logits(AdapterWeights weights, List<String> texts)
            throws InterruptedException, EngineException {
        return use(weights, (open, adapters) -> open.logits(texts, adapters));
    }

    /**
     * Frees the session if nothing was asked for this long; the next question opens it again.
     *
     * @return whether there was one
     */
    public boolean rest(Duration idle) {
        lock.lock();
        try {
            return lastUse.isOver(idle) && free();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            free();
        } finally {
            lock.unlock();
        }
    }

    /** One question to an open session. */
    private interface Question<T> {
        T to(Session session, AdapterStack adapters) throws EngineException;
    }

    @SuppressWarnings({"MustBeClosed", "ReferenceEquality"
    }) // closed with this; weights are large, and change by exchange
    private <T> T use(AdapterWeights weights, Question<T> question) throws InterruptedException, EngineException {
        lock.lockInterruptibly();
        try {
            if (closed) {
                throw new IllegalStateException("the agent is closed");
            }
            Session open = session == null ? open() : session;
            session = open;
            AdapterStack adapters = stack;
            if (adapters == null || stacked != weights) {
                forget();
                adapters = AdapterStack.of(List.of(Adapter.of(kit, weights)));
                stack = adapters;
                stacked = weights;
            }
            return question.to(open, adapters);
        } finally {
            lastUse.isNow();
            lock.unlock();
        }
    }

    private boolean free() {
        forget();
        Session open = session;
        if (open == null) {
            return false;
        }
        session = null;
        open.close();
        return true;
    }

    private void forget() {
        if (stack != null) {
            stack.close();
            stack = null;
        }
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // closed with the session
    private Session open() throws EngineException {
        Language language = new Language(
                model.tokenizer(), SpecialIds.of(model.config()), kit.spec().length());
        AdapterTargets targets = AdapterTargets.of(List.of(Adapter.of(kit, kit.initial())));
        SessionSettings settings = new SessionSettings(1, providers);
        try {
            Session opened = kit.spec().task() == Task.CAUSAL_LM
                    ? new Writing(Generator.open(model.files(), language, targets, settings))
                    : new Labelling(
                            kit.spec().labels(),
                            Classifier.open(model, language, kit.spec().labels(), targets, settings));
            LOG.info(
                    "Answers run on {}; wanted was {}", opened.provider(), providers.isEmpty() ? "the CPU" : providers);
            return opened;
        } catch (IOException | ModelRefusedException e) {
            throw new EngineException("the base model cannot be run", e);
        }
    }

    /** A model that is ready for questions of one kind. */
    private interface Session extends AutoCloseable {
        String provider();

        Answer answer(String text, AdapterStack adapters) throws EngineException;

        List<float[]> logits(List<String> texts, AdapterStack adapters) throws EngineException;

        @Override
        void close();
    }

    private record Labelling(List<String> labels, Classifier classifier) implements Session {
        @Override
        public String provider() {
            return classifier.provider();
        }

        @Override
        public Answer answer(String text, AdapterStack adapters) throws EngineException {
            var made = classifier.classify(List.of(text), adapters).get(0);
            String likeliest = made.likeliest();
            return new Answer(likeliest, made.probability(likeliest));
        }

        @Override
        public List<float[]> logits(List<String> texts, AdapterStack adapters) throws EngineException {
            return classifier.logits(texts, adapters);
        }

        @Override
        public void close() {
            classifier.close();
        }
    }

    private record Writing(Generator generator) implements Session {
        @Override
        public String provider() {
            return generator.provider();
        }

        @Override
        public Answer answer(String text, AdapterStack adapters) throws EngineException {
            NextToken next = generator.likeliest(text, adapters);
            return new Answer(next.text(), next.probability());
        }

        @Override
        public List<float[]> logits(List<String> texts, AdapterStack adapters) {
            throw new IllegalStateException("a language model has no labels");
        }

        @Override
        public void close() {
            generator.close();
        }
    }
}
