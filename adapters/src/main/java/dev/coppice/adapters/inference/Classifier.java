package dev.coppice.adapters.inference;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelFiles;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.NativeTensor;
import dev.coppice.adapters.runtime.SessionSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A model that gives texts labels. Its own head serves for the labels that it was made with; for others an adapter
 * brings a head, {@code score.weight} [labels, width], that sees the model's output {@code pooled}. Thread-safe;
 * {@link #close} waits for runs under way.
 */
public final class Classifier implements AutoCloseable {
    private final Language language;
    private final List<String> labels;
    private final AdaptedSession session;
    private final Purpose purpose;

    private Classifier(Language language, List<String> labels, AdaptedSession session, Purpose purpose) {
        this.language = language;
        this.labels = List.copyOf(labels);
        this.session = session;
        this.purpose = purpose;
    }

    /**
     * Opens a base model, which has to stay open for as long.
     *
     * @param labels the model's own, or those that adapters bring a head for, in their order
     * @param threads of one run, at least 1
     * @throws ModelRefusedException if the model has no output for this, or a target is not there
     */
    @MustBeClosed
    public static Classifier open(BaseModel model, List<String> labels, AdapterTargets targets, int threads)
            throws IOException, EngineException, ModelRefusedException {
        return open(model, Language.of(model), labels, targets, SessionSettings.threads(threads));
    }

    /** As above, for shorter texts than the model could read, or perhaps not on the CPU. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed with the classifier
    public static Classifier open(
            BaseModel model, Language language, List<String> labels, AdapterTargets targets, SessionSettings settings)
            throws IOException, EngineException, ModelRefusedException {
        Purpose purpose = labels.equals(model.config().labels()) ? Purpose.CLASSIFY : Purpose.CLASSIFY_ANEW;
        AdaptedSession session = AdaptedSession.open(model.files(), purpose, targets, settings);
        return new Classifier(language, labels, session, purpose);
    }

    /** Opens a classifier of another origin, whose output {@code logits} is [batch, labels]. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed with the classifier
    public static Classifier open(
            ModelFiles files, Language language, List<String> labels, AdapterTargets targets, int threads)
            throws IOException, EngineException, ModelRefusedException {
        AdaptedSession session =
                AdaptedSession.open(files, Purpose.CLASSIFY, targets, SessionSettings.threads(threads));
        return new Classifier(language, labels, session, Purpose.CLASSIFY);
    }

    /** What the model runs on, by the runtime's name. */
    public String provider() {
        return session.session().provider();
    }

    /**
     * What the model makes of texts, in their order. Texts go through the model side by side, each cut to the longest
     * that the model reads; those of like length together cost least.
     *
     * @param texts at least one; a text without a token counts as one token of padding
     * @throws IllegalArgumentException if an adapter does not fit, or none brings the head that is needed
     */
    public List<Labels> classify(List<String> texts, AdapterStack stack) throws EngineException {
        List<Labels> results = new ArrayList<>();
        for (float[] logits : logits(texts, stack)) {
            List<Float> probabilities = new ArrayList<>();
            for (int i = 0; i < logits.length; i++) {
                probabilities.add((float) Softmax.probability(logits, i));
            }
            results.add(new Labels(labels, probabilities));
        }
        return results;
    }

    /** As {@link #classify}, but for each text one logit a label, in the labels' order. */
    public List<float[]> logits(List<String> texts, AdapterStack stack) throws EngineException {
        List<int[]> rows = new ArrayList<>();
        for (String text : texts) {
            int[] ids = language.read(text);
            rows.add(
                    ids.length == 0
                            ? new int[] {language.special().pad()}
                            : Arrays.copyOf(ids, Math.min(ids.length, language.lengthMax())));
        }
        float[] all = read(rows, stack);
        List<float[]> results = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            results.add(Arrays.copyOfRange(all, row * labels.size(), (row + 1) * labels.size()));
        }
        return results;
    }

    @Override
    public void close() {
        session.close();
    }

    /** One for each label of each row. */
    private float[] read(List<int[]> rows, AdapterStack stack) throws EngineException {
        Map<String, NativeTensor> adapters = session.places().filled(stack);
        if (purpose == Purpose.CLASSIFY_ANEW && !adapters.containsKey(AdapterTargets.HEAD)) {
            throw new IllegalArgumentException(
                    "no adapter brings a head (" + AdapterTargets.HEAD + ") for these labels");
        }
        float[] logits;
        try (NativeTensor output =
                session.read(rows, language.special().pad(), adapters).get(0)) {
            logits = output.toFloats();
        }
        if (logits.length != rows.size() * labels.size()) {
            throw new IllegalArgumentException(
                    "the model's head does not give one logit for each of the " + labels.size() + " labels");
        }
        return logits;
    }
}
