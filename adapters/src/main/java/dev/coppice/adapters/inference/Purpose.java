package dev.coppice.adapters.inference;

import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelEditor;
import dev.coppice.adapters.onnx.Tensor;
import java.util.Set;

/**
 * What a model is opened for. Each makes the graph give just what Java needs of it, so that neither whole matrices of
 * logits leave native memory nor anything is computed that nobody reads.
 */
enum Purpose {
    /** Logits of the token that follows, {@link #NEXT} [batch, vocabulary], and the cache. */
    GENERATE {
        @Override
        void shape(ModelEditor model, Set<String> outputs) {
            require(outputs, LOGITS);
            model.keepOutputs(name -> name.equals(LOGITS) || name.startsWith("present"));
            String next = LastPosition.of(model, LOGITS);
            model.output(next, NEXT, ElementType.FLOAT, Dim.free("batch"), Dim.free("vocabulary"));
            model.keepOutputs(name -> !name.equals(LOGITS));
        }
    },
    /**
     * Of each position [batch, length]: the cross entropy of the id in {@link #TARGETS}, {@link #LOSSES}, and the
     * likeliest id, {@link #LIKELIEST}.
     */
    SCORE {
        @Override
        void shape(ModelEditor model, Set<String> outputs) {
            require(outputs, LOGITS);
            model.keepOutputs(LOGITS::equals);
            Attributes last = Attributes.none().integer("axis", -1);
            Dim[] places = {Dim.free("batch"), Dim.free("length")};
            String targets = model.input(TARGETS, ElementType.INT64, places);
            String logits = model.append("Cast", Attributes.none().integer("to", ElementType.FLOAT.code()), LOGITS);
            String all = model.append("LogSoftmax", last, logits);
            String column = model.append("Reshape", Attributes.none(), targets, integers(model, 0, 0, 1));
            String picked = model.append("GatherElements", Attributes.none().integer("axis", 2), all, column);
            String row = model.append("Reshape", Attributes.none(), picked, integers(model, 0, 0));
            model.output(model.append("Neg", Attributes.none(), row), LOSSES, ElementType.FLOAT, places);
            String likeliest = model.append("ArgMax", last.integer("keepdims", 0), logits);
            model.output(likeliest, LIKELIEST, ElementType.INT64, places);
            model.keepOutputs(name -> !name.equals(LOGITS));
        }
    },
    /** Logits of the labels that the model itself knows, {@link #CLASSES} [batch, labels]. */
    CLASSIFY {
        @Override
        void shape(ModelEditor model, Set<String> outputs) {
            String logits = outputs.contains(LABELS) ? LABELS : LOGITS;
            require(outputs, logits);
            String wide = model.append("Cast", Attributes.none().integer("to", ElementType.FLOAT.code()), logits);
            model.output(wide, CLASSES, ElementType.FLOAT, Dim.free("batch"), Dim.free("labels"));
            model.keepOutputs(CLASSES::equals);
        }
    },
    /** {@link #CLASSES} of a new head, a weight {@link AdapterTargets#HEAD} [labels, width] that adapters bring. */
    CLASSIFY_ANEW {
        @Override
        void shape(ModelEditor model, Set<String> outputs) {
            require(outputs, POOLED);
            model.keepOutputs(POOLED::equals);
            String head = model.input(AdapterTargets.HEAD, ElementType.FLOAT, Dim.free("labels"), Dim.free("width"));
            String turned = model.append("Transpose", Attributes.none().integers("perm", 1, 0), head);
            String logits = model.append("MatMul", Attributes.none(), POOLED, turned);
            model.output(logits, CLASSES, ElementType.FLOAT, Dim.free("batch"), Dim.free("labels"));
            model.keepOutputs(CLASSES::equals);
        }
    };

    static final String LOGITS = "logits";
    static final String POOLED = "pooled";
    static final String LABELS = "label_logits";
    static final String CLASSES = "coppice_class_logits";
    static final String NEXT = "coppice_next_logits";
    static final String TARGETS = "coppice_targets";
    static final String LOSSES = "coppice_losses";
    static final String LIKELIEST = "coppice_likeliest";

    /**
     * Makes a model's graph fit.
     *
     * @param outputs that the model has
     * @throws GraphRefusedException if they are not those that this takes
     */
    abstract void shape(ModelEditor model, Set<String> outputs);

    /** Whether a head for labels matters here. */
    boolean classifies() {
        return this == CLASSIFY || this == CLASSIFY_ANEW;
    }

    private static void require(Set<String> outputs, String name) {
        if (!outputs.contains(name)) {
            throw new GraphRefusedException("the model has no output " + name);
        }
    }

    private static String integers(ModelEditor model, long... values) {
        return model.constant(Tensor.ofLongs(values, values.length));
    }
}
