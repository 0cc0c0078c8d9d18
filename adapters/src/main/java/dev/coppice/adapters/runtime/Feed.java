package dev.coppice.adapters.runtime;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitInputs;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.TensorType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Fills the inputs of a kit's graphs: what a batch holds, what a whole step holds, and what was loaded. */
final class Feed {
    private final Kit kit;
    private final Function<String, ByteBuffer> memory;
    private DropoutMasks masks = new DropoutMasks(0);

    /** @param memory where an input is read from, in native byte order, by its name */
    Feed(Kit kit, Function<String, ByteBuffer> memory) {
        this.kit = kit;
        this.memory = memory;
    }

    /** From now on these weights are where training started. */
    void load(AdapterWeights weights, long seed) {
        masks = new DropoutMasks(seed);
        for (TensorSpec tensor : weights.layout().tensors()) {
            String input = tensor.name() + KitInputs.START;
            if (kit.fed().containsKey(input)) {
                memory.apply(input).asFloatBuffer().put(weights.tensor(tensor));
            }
        }
    }

    /**
     * Begins a step of these batches.
     *
     * @throws IllegalArgumentException if a batch was not made for such a kit, has more labels than that makes room for,
     *     or there is none
     */
    void begin(List<Batch> step) {
        if (step.isEmpty()) {
            throw new IllegalArgumentException("a step has at least one batch");
        }
        for (Batch batch : step) {
            requireFits(batch, kit.spec());
            if (kit.spec().predictedMax() > 0
                    && count(batch.nextTokens()) > kit.spec().predictedMax()) {
                throw new IllegalArgumentException("the batch has more labels than the kit computes logits for");
            }
        }
        putCounts(step);
    }

    /** A batch that is judged, not trained on: any position may have a label. */
    void putAlone(Batch batch) {
        requireFits(batch, kit.spec());
        putCounts(List.of(batch));
        put(batch);
    }

    private void putCounts(List<Batch> step) {
        if (kit.spec().task().hasTokens()) {
            put(KitInputs.TOKEN_COUNT, labelled(step, Batch::nextTokens));
        }
        if (kit.spec().task().hasLabels()) {
            put(KitInputs.ROW_COUNT, labelled(step, Batch::rowLabels));
        }
    }

    /** One of the batches of the step that has begun. */
    void put(Batch batch) {
        put(KitInputs.TOKENS, batch.tokens());
        put(KitInputs.MASK, batch.attentionMask());
        if (kit.spec().task().hasTokens()) {
            put(KitInputs.NEXT_TOKENS, batch.nextTokens());
        }
        if (kit.spec().task().hasLabels()) {
            put(KitInputs.ROW_LABELS, batch.rowLabels());
        }
        if (kit.spec().objective().hasTeacher()) {
            memory.apply(KitInputs.TEACHER).asFloatBuffer().put(batch.teacher());
        }
    }

    /** Draws anew what dropout leaves out. */
    void drawMasks() {
        for (Map.Entry<String, TensorType> input : kit.fed().entrySet()) {
            if (input.getValue().element() == ElementType.BOOL) {
                masks.fill(
                        memory.apply(input.getKey()),
                        1 - kit.spec().lora().options().dropout());
            }
        }
    }

    private void put(String input, long... values) {
        memory.apply(input).asLongBuffer().put(values);
    }

    private static long labelled(List<Batch> step, Function<Batch, long[]> labels) {
        return Math.max(1, step.stream().map(labels).mapToLong(Feed::count).sum());
    }

    private static long count(long[] labels) {
        return Arrays.stream(labels).filter(label -> label != Batch.IGNORED).count();
    }

    private static void requireFits(Batch batch, KitSpec spec) {
        boolean fits = batch.batch() == spec.batch()
                && batch.length() == spec.length()
                && (!spec.task().hasTokens() || batch.hasNextTokens())
                && (!spec.task().hasLabels() || batch.hasRowLabels())
                && batch.teacher().length == teacherLogits(spec);
        if (!fits) {
            throw new IllegalArgumentException("the batch does not have the shape or the labels of the kit");
        }
    }

    private static int teacherLogits(KitSpec spec) {
        int rows = spec.task().hasTokens() ? spec.batch() * spec.length() : spec.batch();
        return rows * spec.objective().teacherClasses();
    }
}
