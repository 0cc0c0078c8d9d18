package dev.coppice.adapters.kit;

import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.TensorType;
import java.util.LinkedHashMap;
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

    private KitInputs() {}

    /** Names and types of the inputs that batches fill. */
    public static Map<String, TensorType> of(KitSpec spec) {
        TensorType perToken = TensorType.of(ElementType.INT64, spec.batch(), spec.length());
        Map<String, TensorType> inputs = new LinkedHashMap<>();
        inputs.put(TOKENS, perToken);
        inputs.put(MASK, perToken);
        if (spec.task() != Task.TEXT_CLASSIFICATION) {
            inputs.put(NEXT_TOKENS, perToken);
        }
        if (spec.task() != Task.CAUSAL_LM) {
            inputs.put(ROW_LABELS, TensorType.of(ElementType.INT64, spec.batch()));
        }
        return inputs;
    }
}
