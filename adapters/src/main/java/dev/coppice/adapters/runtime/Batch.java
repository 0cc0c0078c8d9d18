package dev.coppice.adapters.runtime;

import java.util.Arrays;

/**
 * Token ids and labels of up to {@code batch} texts, right-padded to one length. Immutable; arrays are copied in.
 * Rows from {@code rowsUsed} on, padding and positions labelled {@link #IGNORED} do not count in the loss.
 */
public final class Batch {
    /** The label of what does not count. */
    public static final long IGNORED = -100;

    private final int batch;
    private final int length;
    private final int rowsUsed;
    private final long[] tokens;
    private final int[] lengths;
    private final long[] nextTokens;
    private final long[] rowLabels;
    private final float[] teacher;

    private Batch(
            int batch,
            int length,
            int rowsUsed,
            long[] tokens,
            int[] lengths,
            long[] nextTokens,
            long[] rowLabels,
            float[] teacher) {
        require(batch > 0 && length > 0, "batch and length are positive");
        require(rowsUsed >= 0 && rowsUsed <= batch, "rowsUsed is 0 to batch");
        require(tokens.length == batch * length, "tokens has batch * length ids");
        require(lengths.length == batch, "lengths has one entry a row");
        require(nextTokens.length == 0 || nextTokens.length == tokens.length, "nextTokens has batch * length ids");
        require(rowLabels.length == 0 || rowLabels.length == batch, "labels has one entry a row");
        for (int row = 0; row < rowsUsed; row++) {
            require(lengths[row] >= 1 && lengths[row] <= length, "a used row has 1 to length tokens");
        }
        this.batch = batch;
        this.length = length;
        this.rowsUsed = rowsUsed;
        this.tokens = tokens.clone();
        this.lengths = lengths.clone();
        this.nextTokens = nextTokens.clone();
        this.rowLabels = rowLabels.clone();
        this.teacher = teacher.clone();
    }

    /**
     * Texts with one label each.
     *
     * @param tokens batch * length ids, row by row; any valid id as padding
     * @param lengths real tokens of each row, 1 to length for used rows
     * @param labels one label id a row, or {@link #IGNORED}
     */
    public static Batch classification(
            int batch, int length, int rowsUsed, long[] tokens, int[] lengths, long[] labels) {
        require(labels.length == batch, "labels has one entry a row");
        return new Batch(batch, length, rowsUsed, tokens, lengths, new long[0], labels, new float[0]);
    }

    /**
     * Texts whose next tokens are to be predicted.
     *
     * @param nextTokens batch * length: at each position the id that follows, or {@link #IGNORED}
     */
    public static Batch causal(int batch, int length, int rowsUsed, long[] tokens, int[] lengths, long[] nextTokens) {
        require(nextTokens.length == tokens.length, "nextTokens has batch * length ids");
        return new Batch(batch, length, rowsUsed, tokens, lengths, nextTokens, new long[0], new float[0]);
    }

    /**
     * Texts of which some tokens are hidden.
     *
     * @param hidden batch * length: where {@code tokens} holds a mask, or another id in a true one's place, the true id;
     *     {@link #IGNORED} elsewhere
     */
    public static Batch masked(int batch, int length, int rowsUsed, long[] tokens, int[] lengths, long[] hidden) {
        return causal(batch, length, rowsUsed, tokens, lengths, hidden);
    }

    /** Texts with next tokens and one label each: what pretraining takes. */
    public static Batch joint(
            int batch, int length, int rowsUsed, long[] tokens, int[] lengths, long[] nextTokens, long[] labels) {
        require(nextTokens.length == tokens.length, "nextTokens has batch * length ids");
        require(labels.length == batch, "labels has one entry a row");
        return new Batch(batch, length, rowsUsed, tokens, lengths, nextTokens, labels, new float[0]);
    }

    /**
     * The same with a teacher's logits, for a kit whose objective has a teacher.
     *
     * @param logits for each of batch * length positions (or of batch texts, in classification) one a class
     */
    public Batch withTeacher(float[] logits) {
        return new Batch(batch, length, rowsUsed, tokens, lengths, nextTokens, rowLabels, logits);
    }

    /** Rows, used or not. */
    public int batch() {
        return batch;
    }

    /** Tokens of a row, padding included. */
    public int length() {
        return length;
    }

    public int rowsUsed() {
        return rowsUsed;
    }

    /** Label of a used row, or {@link #IGNORED}; only where rows have labels. */
    public long label(int row) {
        return rowLabels[row];
    }

    boolean hasNextTokens() {
        return nextTokens.length > 0;
    }

    boolean hasRowLabels() {
        return rowLabels.length > 0;
    }

    /** A teacher's logits; none without a teacher. */
    float[] teacher() {
        return teacher.clone();
    }

    /** A copy of the token ids, batch * length. */
    public long[] tokens() {
        return tokens.clone();
    }

    /** 1 for real tokens and 0 for padding, batch * length. Unused rows keep one token, so that no mean is 0 / 0. */
    long[] attentionMask() {
        long[] mask = new long[batch * length];
        for (int row = 0; row < batch; row++) {
            int real = row < rowsUsed ? lengths[row] : 1;
            Arrays.fill(mask, row * length, row * length + real, 1);
        }
        return mask;
    }

    /** A copy of the next tokens, batch * length, with unused rows and padding ignored. */
    public long[] nextTokens() {
        long[] labels = nextTokens.clone();
        for (int row = 0; hasNextTokens() && row < batch; row++) {
            int real = row < rowsUsed ? lengths[row] : 0;
            Arrays.fill(labels, row * length + real, (row + 1) * length, IGNORED);
        }
        return labels;
    }

    /** Labels, one a row, with unused rows ignored. */
    long[] rowLabels() {
        long[] labels = rowLabels.clone();
        if (hasRowLabels()) {
            Arrays.fill(labels, rowsUsed, batch, IGNORED);
        }
        return labels;
    }

    private static void require(boolean fits, String rule) {
        if (!fits) {
            throw new IllegalArgumentException(rule);
        }
    }
}
