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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A language model that judges texts: what each token would have cost to guess. Texts are read as in training: the
 * start before them, their end to be foreseen too, long ones in rows of the longest text, each read from nothing.
 * Thread-safe; {@link #close} waits for runs under way.
 */
public final class Scorer implements AutoCloseable {
    private static final int ROWS_MAX = 16;

    private final Language language;
    private final AdaptedSession session;

    /** Part of a text: tokens that are read, and what follows each. */
    private static final class Row {
        private final int text;
        private final int[] tokens;
        private final int[] next;

        /** @param ids of the whole text, of which the row reads some from a place on */
        Row(int text, int[] ids, int from, int to) {
            this.text = text;
            this.tokens = Arrays.copyOfRange(ids, from, to);
            this.next = Arrays.copyOfRange(ids, from + 1, to + 1);
        }
    }

    private Scorer(Language language, AdaptedSession session) {
        this.language = language;
        this.session = session;
    }

    /**
     * Opens a base model, which has to stay open for as long.
     *
     * @param threads of one run, at least 1
     * @throws ModelRefusedException if this is no language model, or a target is not there
     */
    @MustBeClosed
    public static Scorer open(BaseModel model, AdapterTargets targets, int threads)
            throws IOException, EngineException, ModelRefusedException {
        return open(model.files(), Language.of(model), targets, threads);
    }

    /** Opens a model of another origin. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed with the scorer
    public static Scorer open(ModelFiles files, Language language, AdapterTargets targets, int threads)
            throws IOException, EngineException, ModelRefusedException {
        return new Scorer(
                language, AdaptedSession.open(files, Purpose.SCORE, targets, SessionSettings.threads(threads)));
    }

    /**
     * Scores of texts, in their order.
     *
     * @throws IllegalArgumentException if an adapter does not fit
     */
    public List<TextScore> score(List<String> texts, AdapterStack stack) throws EngineException {
        List<Row> rows = new ArrayList<>();
        for (int text = 0; text < texts.size(); text++) {
            int[] ids = language.readToEnd(texts.get(text));
            for (int from = 0; from < ids.length - 1; from += language.lengthMax()) {
                rows.add(new Row(text, ids, from, Math.min(ids.length - 1, from + language.lengthMax())));
            }
        }
        Map<String, NativeTensor> adapters = session.places().filled(stack);
        TextScore[] scores = new TextScore[texts.size()];
        Arrays.fill(scores, TextScore.NONE);
        for (int from = 0; from < rows.size(); from += ROWS_MAX) {
            add(rows.subList(from, Math.min(rows.size(), from + ROWS_MAX)), adapters, scores);
        }
        return List.of(scores);
    }

    @Override
    public void close() {
        session.close();
    }

    private void add(List<Row> rows, Map<String, NativeTensor> adapters, TextScore[] scores) throws EngineException {
        int length = rows.stream().mapToInt(row -> row.tokens.length).max().orElse(0);
        long[] next = new long[rows.size() * length];
        for (int row = 0; row < rows.size(); row++) {
            for (int i = 0; i < rows.get(row).next.length; i++) {
                next[row * length + i] = rows.get(row).next[i];
            }
        }
        try (NativeTensor targets = NativeTensor.ofLongs(next, rows.size(), length)) {
            Map<String, NativeTensor> fed = new HashMap<>(adapters);
            fed.put(Purpose.TARGETS, targets);
            List<int[]> tokens = rows.stream().map(row -> row.tokens).toList();
            List<NativeTensor> results = session.read(tokens, language.special().pad(), fed);
            try (NativeTensor losses = results.get(0);
                    NativeTensor likeliest = results.get(1)) {
                add(rows, length, losses.toFloats(), likeliest.toLongs(), scores);
            }
        }
    }

    private static void add(List<Row> rows, int length, float[] losses, long[] likeliest, TextScore[] scores) {
        for (int row = 0; row < rows.size(); row++) {
            int[] next = rows.get(row).next;
            double loss = 0;
            int correct = 0;
            for (int i = 0; i < next.length; i++) {
                loss += losses[row * length + i];
                correct += likeliest[row * length + i] == next[i] ? 1 : 0;
            }
            int text = rows.get(row).text;
            scores[text] = scores[text].plus(new TextScore(next.length, loss, correct));
        }
    }
}
