package dev.coppice.adapters.kit;

import dev.coppice.adapters.lora.LoraSpec;
import java.util.HashSet;
import java.util.List;

/**
 * What a kit is made for. Equal specs and equal base models give kits of equal bytes.
 *
 * @param lora the adapter; {@link LoraSpec#none()} trains only a head (or, in pretraining, every weight)
 * @param objective what is minimised beside the cross entropy
 * @param labels names of the classes in the order of their ids; empty for language modelling
 * @param batch rows of every batch, 1 to 1,024
 * @param length tokens of every row, 2 to 8,192
 * @param predictedMax how many positions of a batch have a label at most, in language modelling: the output layer
 *     computes no more in training. 0 if each may have one
 */
public record KitSpec(
        Task task, LoraSpec lora, Objective objective, List<String> labels, int batch, int length, int predictedMax) {
    private static final int BATCH_MAX = 1_024;
    private static final int LENGTH_MAX = 8_192;
    private static final int LABELS_MAX = 10_000;
    private static final int TEACHER_LOGITS_MAX = 1 << 28;

    /** @throws IllegalArgumentException if a value is out of range or does not go with the task */
    public KitSpec {
        labels = List.copyOf(labels);
        require(batch >= 1 && batch <= BATCH_MAX, "batch is 1 to " + BATCH_MAX);
        require(length >= 2 && length <= LENGTH_MAX, "length is 2 to " + LENGTH_MAX);
        require(task.hasLabels() != labels.isEmpty(), "labels are for classification, and needed there");
        require(labels.isEmpty() || (labels.size() >= 2 && labels.size() <= LABELS_MAX), "there are 2 labels or more");
        require(new HashSet<>(labels).size() == labels.size(), "two labels have one name");
        require(task != Task.PRETRAINING || lora.isNone(), "pretraining trains all weights and no adapter");
        require(task.hasLabels() || !lora.isNone(), "nothing would be trained");
        require(task != Task.PRETRAINING || objective.closeness() == 0, "pretraining has no base to stay close to");
        require(predictedMax >= 0 && predictedMax <= batch * length, "predictedMax is 0 to the positions of a batch");
        require(predictedMax == 0 || labels.isEmpty(), "predictedMax is for language modelling");
        require(
                !objective.hasTeacher() || labels.isEmpty() || labels.size() == objective.teacherClasses(),
                "a teacher of classification knows the labels");
        require(
                (long) batch * length * objective.teacherClasses() <= TEACHER_LOGITS_MAX,
                "a batch has at most " + TEACHER_LOGITS_MAX + " logits of a teacher");
    }

    /** A spec that minimises the cross entropy alone, wherever there are labels. */
    public KitSpec(Task task, LoraSpec lora, List<String> labels, int batch, int length) {
        this(task, lora, Objective.PLAIN, labels, batch, length, 0);
    }

    /** The same with another objective. */
    public KitSpec with(Objective other) {
        return new KitSpec(task, lora, other, labels, batch, length, predictedMax);
    }

    /** The same for batches of which at most so many positions have a label. */
    public KitSpec withPredictedMax(int most) {
        return new KitSpec(task, lora, objective, labels, batch, length, most);
    }

    /** Lengths of rows that a kit has graphs for, ascending, {@link #length()} last: a batch runs on the shortest it fits. */
    public List<Integer> lengths() {
        return ByLength.lengths(length);
    }

    /** The same for rows of another length. */
    KitSpec withLength(int other) {
        return new KitSpec(task, lora, objective, labels, batch, other, Math.min(predictedMax, batch * other));
    }

    /** Canonical JSON (fixed order of members, no spaces, UTF-8). */
    public byte[] toJson() {
        return KitJson.bytes(KitJson.write(this));
    }

    /**
     * Reads what {@link #toJson} wrote; spaces and the order of members do not matter.
     *
     * @throws KitRefusedException if this is not a spec, or holds anything else
     */
    public static KitSpec fromJson(byte[] json) throws KitRefusedException {
        return KitJson.spec(KitJson.parse(json));
    }

    private static void require(boolean fits, String rule) {
        if (!fits) {
            throw new IllegalArgumentException(rule);
        }
    }
}
