package dev.coppice.adapters.kit;

import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.TensorType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a batch feeds to the graphs of a kit, in the order in which the graphs declare it. */
public final class KitInputs {
    /** Token ids, [batch, length]. */
    public static final String TOKENS = "input_ids";
    /** 1 for real tokens, 0 for padding, [batch, length]. */
    public static final String MASK = "attention_mask";
    /** Ids to predict, [batch, length], -100 where none; absent in classification. */
    public static final String NEXT_TOKENS = "next_tokens";
    /** Class ids, [batch], -100 where none; absent in language modelling. */
    public static final String ROW_LABELS = "row_labels";
    /** How many tokens are to be predicted in all batches of one step, at least 1; goes with {@link #NEXT_TOKENS}. */
    public static final String TOKEN_COUNT = "token_count";
    /** How many rows have labels in all batches of one step, at least 1; goes with {@link #ROW_LABELS}. */
    public static final String ROW_COUNT = "row_count";
    /** A teacher's logits, [batch, length, classes] or, in classification, [batch, classes]. */
    public static final String TEACHER = "teacher_logits";
    /** Behind a parameter's name: the parameter as it was loaded, for a proximal term. */
    public static final String START = ".start";

    private KitInputs() {}

    /** Names and types of the inputs that batches fill. */
    public static Map<String, TensorType> of(KitSpec spec) {
        TensorType perToken = TensorType.of(ElementType.INT64, spec.batch(), spec.length());
        TensorType count = TensorType.of(ElementType.INT64);
        Map<String, TensorType> inputs = new LinkedHashMap<>();
        inputs.put(TOKENS, perToken);
        inputs.put(MASK, perToken);
        if (spec.task().hasTokens()) {
            inputs.put(NEXT_TOKENS, perToken);
            inputs.put(TOKEN_COUNT, count);
        }
        if (spec.task().hasLabels()) {
            inputs.put(ROW_LABELS, TensorType.of(ElementType.INT64, spec.batch()));
            inputs.put(ROW_COUNT, count);
        }
        if (spec.objective().hasTeacher()) {
            inputs.put(TEACHER, teacher(spec));
        }
        return inputs;
    }

    /**
     * The same with what engines add: which elements dropout keeps (bool), and the weights that a proximal term pulls
     * towards.
     *
     * @param masks names and shapes of dropout's inputs
     */
    static Map<String, TensorType> of(KitSpec spec, List<TensorSpec> masks, ParameterLayout layout) {
        Map<String, TensorType> inputs = of(spec);
        masks.forEach(mask -> inputs.put(mask.name(), type(ElementType.BOOL, mask)));
        if (spec.objective().proximal() > 0) {
            layout.tensors().forEach(tensor -> inputs.put(tensor.name() + START, type(ElementType.FLOAT, tensor)));
        }
        return inputs;
    }

    private static TensorType teacher(KitSpec spec) {
        int classes = spec.objective().teacherClasses();
        return spec.task().hasTokens()
                ? TensorType.of(ElementType.FLOAT, spec.batch(), spec.length(), classes)
                : TensorType.of(ElementType.FLOAT, spec.batch(), classes);
    }

    private static TensorType type(ElementType element, TensorSpec tensor) {
        return TensorType.of(
                element, tensor.shape().stream().mapToLong(Integer::longValue).toArray());
    }
}
