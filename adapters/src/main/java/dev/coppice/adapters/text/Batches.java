package dev.coppice.adapters.text;

import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.runtime.Batch;
import dev.coppice.crypto.RandomSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns examples into batches for one kit. Texts longer than the kit's length are cut off in classification and split
 * into rows in language modelling; empty texts and unknown labels are left out, as {@link #usable} says. A batch has no
 * more labels of tokens than the kit has room for: then it has fewer rows, or, if it has only one, labels at its end are
 * left out. Thread-safe.
 */
public final class Batches {
    /** The tokens before and after a row of which some tokens are hidden. */
    private static final int BETWEEN = 2;

    private final TokenSource tokenizer;
    private final KitSpec spec;
    private final int padId;
    private final int bosId;
    private final int eosId;
    private final Map<String, Integer> labelIds = new HashMap<>();

    /** One row: what is read, and at each position the token that follows. */
    private static final class Row {
        private final long[] tokens;
        private final long[] next; // or what was hidden
        private final long label;

        private Row(long[] tokens, long[] next, long label) {
            this.tokens = tokens;
            this.next = next;
            this.label = label;
        }

        private int labelled() {
            return (int) Arrays.stream(next).filter(id -> id != Batch.IGNORED).count();
        }

        /** Without the labels of tokens that are beyond so many. */
        private Row labelledAtMost(int most) {
            long[] fewer = next.clone();
            int found = 0;
            for (int i = 0; i < fewer.length; i++) {
                found += fewer[i] == Batch.IGNORED ? 0 : 1;
                fewer[i] = found > most ? Batch.IGNORED : fewer[i];
            }
            return new Row(tokens, fewer, label);
        }
    }

    /**
     * @param padId token id that fills up short rows
     * @param bosId token id put before each text
     * @param eosId token id that follows each text in language modelling
     */
    public Batches(TokenSource tokenizer, KitSpec spec, int padId, int bosId, int eosId) {
        this.tokenizer = tokenizer;
        this.spec = spec;
        this.padId = padId;
        this.bosId = bosId;
        this.eosId = eosId;
        for (int i = 0; i < spec.labels().size(); i++) {
            labelIds.put(spec.labels().get(i), i);
        }
    }

    /** Whether an example has a text, and a label that the kit knows where one is needed (pretraining takes both kinds). */
    public boolean usable(Example example) {
        boolean unlabelled = spec.task() == Task.CAUSAL_LM
                || spec.task() == Task.MASKED_LM
                || (spec.task() == Task.PRETRAINING && example.label().isEmpty());
        return !example.text().isBlank() && (unlabelled || labelIds.containsKey(example.label()));
    }

    /**
     * All usable examples in their order, up to {@code spec.batch()} rows a batch.
     *
     * @throws IllegalStateException if the kit predicts hidden tokens: then {@link #masked} hides some
     */
    public List<Batch> of(List<Example> examples) {
        return batches(rows(examples));
    }

    /**
     * As {@link #of}, with rows beside each other that fit the same of the kit's graphs: those of the shortest first, and
     * otherwise in their order.
     */
    public List<Batch> byLength(List<Example> examples) {
        List<Row> rows = rows(examples);
        rows.sort(Comparator.comparingInt(row -> graphLength(row.tokens.length)));
        return batches(rows);
    }

    /**
     * What a pass over these examples takes: for language modelling, the texts one after the other, each behind
     * {@code bosId}, cut into full rows, so that short texts share one; for others as {@link #byLength}.
     */
    public List<Batch> pass(List<Example> examples) {
        return spec.task() == Task.CAUSAL_LM ? batches(joined(examples)) : byLength(examples);
    }

    private List<Row> joined(List<Example> examples) {
        requireNothingHidden();
        List<Row> rows = new ArrayList<>();
        long[] tokens = new long[spec.length()];
        long[] next = new long[spec.length()];
        int filled = 0;
        for (Example example : examples) {
            int[] ids = usable(example) ? tokenizer.encode(example.text()) : new int[0];
            for (int at = 0; at <= ids.length && ids.length > 0; at++) {
                tokens[filled] = at == 0 ? bosId : ids[at - 1];
                next[filled] = at == ids.length ? eosId : ids[at];
                filled++;
                if (filled == tokens.length) {
                    rows.add(new Row(tokens.clone(), next.clone(), Batch.IGNORED));
                    filled = 0;
                }
            }
        }
        if (filled > 0) {
            rows.add(new Row(Arrays.copyOf(tokens, filled), Arrays.copyOf(next, filled), Batch.IGNORED));
        }
        return rows;
    }

    /** Whether the kit has graphs for several lengths of rows, so that {@link #byLength} saves work. */
    public boolean hasSeveralLengths() {
        return spec.lengths().size() > 1;
    }

    private int graphLength(int tokens) {
        return spec.lengths().stream()
                .filter(length -> tokens <= length)
                .findFirst()
                .orElse(spec.length());
    }

    /**
     * As {@link #of}, for a kit that predicts hidden tokens. Each row stands between {@code bosId} and {@code eosId}.
     *
     * @param masking chooses what is hidden; other random numbers hide other tokens
     */
    public List<Batch> masked(List<Example> examples, Masking masking, RandomSource random) {
        if (spec.task() != Task.MASKED_LM || spec.length() < BETWEEN + 1) {
            throw new IllegalStateException("the kit does not predict hidden tokens, or its rows are too short");
        }
        List<Row> rows = new ArrayList<>();
        for (Example example : examples) {
            int[] ids = usable(example) ? tokenizer.encode(example.text()) : new int[0];
            for (int from = 0; from < ids.length; from += spec.length() - BETWEEN) {
                int end = Math.min(ids.length, from + spec.length() - BETWEEN);
                long[] tokens = new long[end - from + BETWEEN];
                tokens[0] = bosId;
                tokens[tokens.length - 1] = eosId;
                for (int i = from; i < end; i++) {
                    tokens[1 + i - from] = ids[i];
                }
                rows.add(new Row(tokens, masking.hide(tokens, random), Batch.IGNORED));
            }
        }
        return batches(rows);
    }

    /** One text to predict the label of, or to score. */
    public Batch single(String text) {
        requireNothingHidden();
        List<Row> rows = new ArrayList<>();
        rows.add(row(tokenizer.encode(text), 0, Batch.IGNORED));
        return batch(rows);
    }

    private List<Row> rows(List<Example> examples) {
        requireNothingHidden();
        List<Row> rows = new ArrayList<>();
        for (Example example : examples) {
            if (usable(example)) {
                addRows(example, rows);
            }
        }
        return rows;
    }

    private void addRows(Example example, List<Row> rows) {
        int[] ids = tokenizer.encode(example.text());
        if (ids.length == 0) {
            return;
        }
        long label = labelIds.getOrDefault(example.label(), (int) Batch.IGNORED);
        rows.add(row(ids, 0, label));
        if (spec.task() == Task.CAUSAL_LM) {
            for (int from = spec.length(); from <= ids.length; from += spec.length()) {
                rows.add(row(ids, from, label));
            }
        }
    }

    /** Reads the text with {@code bosId} before and {@code eosId} after it, from a position on, for at most one row. */
    private Row row(int[] ids, int from, long label) {
        int end = Math.min(ids.length + 1 - from, spec.length());
        long[] tokens = new long[end];
        long[] next = new long[end];
        for (int i = 0; i < end; i++) {
            int at = from + i;
            tokens[i] = at == 0 ? bosId : ids[at - 1];
            next[i] = at == ids.length ? eosId : ids[at];
        }
        return new Row(tokens, next, label);
    }

    private void requireNothingHidden() {
        if (spec.task() == Task.MASKED_LM) {
            throw new IllegalStateException("the kit predicts hidden tokens, and nothing says which");
        }
    }

    private List<Batch> batches(List<Row> rows) {
        int labelsMax = spec.predictedMax() == 0 ? Integer.MAX_VALUE : spec.predictedMax();
        List<Batch> batches = new ArrayList<>();
        List<Row> together = new ArrayList<>();
        int labels = 0;
        for (Row row : rows) {
            int more = Math.min(row.labelled(), labelsMax);
            if (together.size() == spec.batch() || (!together.isEmpty() && labels + more > labelsMax)) {
                batches.add(batch(together));
                together.clear();
                labels = 0;
            }
            together.add(row.labelledAtMost(labelsMax));
            labels += more;
        }
        if (!together.isEmpty()) {
            batches.add(batch(together));
        }
        return batches;
    }

    private Batch batch(List<Row> rows) {
        int length = spec.length();
        long[] tokens = new long[spec.batch() * length];
        Arrays.fill(tokens, padId);
        long[] next = new long[tokens.length];
        Arrays.fill(next, Batch.IGNORED);
        int[] lengths = new int[spec.batch()];
        long[] labels = new long[spec.batch()];
        Arrays.fill(labels, Batch.IGNORED);
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            System.arraycopy(row.tokens, 0, tokens, i * length, row.tokens.length);
            System.arraycopy(row.next, 0, next, i * length, row.next.length);
            lengths[i] = row.tokens.length;
            labels[i] = row.label;
        }
        return switch (spec.task()) {
            case CAUSAL_LM -> Batch.causal(spec.batch(), length, rows.size(), tokens, lengths, next);
            case MASKED_LM -> Batch.masked(spec.batch(), length, rows.size(), tokens, lengths, next);
            case TEXT_CLASSIFICATION ->
                Batch.classification(spec.batch(), length, rows.size(), tokens, lengths, labels);
            case PRETRAINING -> Batch.joint(spec.batch(), length, rows.size(), tokens, lengths, next, labels);
        };
    }
}
