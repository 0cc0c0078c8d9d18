package dev.coppice.agent.testing;

import dev.coppice.adapters.text.Example;
import dev.coppice.agent.Installation;
import dev.coppice.agent.Participation;
import dev.coppice.agent.Personalization;
import dev.coppice.agent.Personalizer;
import dev.coppice.agent.Prediction;
import dev.coppice.agent.Source;
import dev.coppice.agent.policy.Consent;
import dev.coppice.agent.store.ExampleStore;
import dev.coppice.agent.store.Frames;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * An agent that learns by heart: once it has learned, a text gets the label of the kept example that shares most words
 * with it. No model, no files, no natives, no network, the same answers every time. What rounds and packs come to is for
 * the test to say. Keeps the real agent's rules about consent, examples and closing.
 */
public final class FakeAgent implements Personalizer {
    /** With fewer examples the fake does not learn, as the real one does not without some to judge by. */
    public static final int EXAMPLES_MIN = 5;

    private final List<String> labels;
    private final Set<Consent> allowed = EnumSet.noneOf(Consent.class);
    private final List<Example> examples = new ArrayList<>();
    private final List<Example> learned = new ArrayList<>();
    private final Deque<Participation> rounds = new ArrayDeque<>();
    private final Deque<Installation> packs = new ArrayDeque<>();
    private boolean closed;

    /** @param labels at least one; the first is the answer to all that it has not learned */
    public FakeAgent(String... labels) {
        if (labels.length == 0) {
            throw new IllegalArgumentException("an agent knows at least one label");
        }
        this.labels = List.of(labels);
    }

    /** What the next call of {@link #takePart} comes to that nothing was said about yet; otherwise there is nothing to do. */
    public synchronized FakeAgent thenRound(Participation result) {
        rounds.add(result);
        return this;
    }

    /** What the next call of {@link #update} comes to that nothing was said about yet; otherwise there is nothing newer. */
    public synchronized FakeAgent thenPack(Installation result) {
        packs.add(result);
        return this;
    }

    /** What the app gave it, in order. */
    public synchronized List<Example> examples() {
        return List.copyOf(examples);
    }

    @Override
    public synchronized void allow(Consent what) {
        requireOpen();
        allowed.add(what);
    }

    @Override
    public synchronized void withdraw(Consent what) {
        requireOpen();
        allowed.remove(what);
        if (what == Consent.LEARN) {
            forget();
        }
    }

    @Override
    public synchronized boolean allows(Consent what) {
        return allowed.contains(what);
    }

    @Override
    public synchronized void addExamples(List<Example> added) {
        requireOpen();
        if (!allowed.contains(Consent.LEARN)) {
            throw new IllegalStateException("the user has not allowed " + Consent.LEARN);
        }
        added.forEach(FakeAgent::requireStorable);
        examples.addAll(added);
    }

    @Override
    public synchronized void correct(String text, String label) {
        addExamples(List.of(new Example(text, label)));
    }

    @Override
    public synchronized int exampleCount() {
        return examples.size();
    }

    @Override
    public synchronized Prediction predict(String text) {
        requireOpen();
        Set<String> words = words(text);
        String label = labels.get(0);
        int most = 0;
        for (Example example : learned) {
            Set<String> shared = words(example.text());
            shared.retainAll(words);
            if (shared.size() >= Math.max(1, most)) {
                label = example.label();
                most = shared.size();
            }
        }
        Source source = learned.isEmpty() ? Source.BASE : Source.PERSONAL;
        double share = words.isEmpty() ? 0 : (double) most / words.size();
        double guess = 1.0 / labels.size();
        return new Prediction(label, guess + (1 - guess) * share, source);
    }

    @Override
    public synchronized Personalization personalize() {
        requireOpen();
        if (examples.size() < EXAMPLES_MIN) {
            return new Personalization.TooFewExamples(examples.size(), 0);
        }
        learned.clear();
        learned.addAll(examples);
        return new Personalization.Improved(Math.log(labels.size()), 0, learned.size());
    }

    @Override
    public synchronized Participation takePart() {
        requireOpen();
        return rounds.isEmpty() ? new Participation.NothingToDo(Duration.ofHours(1)) : rounds.remove();
    }

    @Override
    public synchronized Installation update() {
        requireOpen();
        return packs.isEmpty() ? new Installation.UpToDate(0) : packs.remove();
    }

    @Override
    public synchronized void forget() {
        requireOpen();
        examples.clear();
        learned.clear();
    }

    @Override
    public synchronized void close() {
        closed = true;
    }

    private static void requireStorable(Example example) {
        int text = Frames.utf8(example.text()).length;
        if (text == 0 || text > ExampleStore.TEXT_BYTES_MAX) {
            throw new IllegalArgumentException("a text has 1 to " + ExampleStore.TEXT_BYTES_MAX + " bytes of UTF-8");
        }
        if (Frames.utf8(example.label()).length > ExampleStore.LABEL_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a label has at most " + ExampleStore.LABEL_BYTES_MAX + " bytes of UTF-8");
        }
    }

    private static Set<String> words(String text) {
        return new HashSet<>(Arrays.asList(text.strip().split("\\s+")));
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the agent is closed");
        }
    }
}
