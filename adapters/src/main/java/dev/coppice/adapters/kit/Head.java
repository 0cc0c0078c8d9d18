package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The classification head: the model's own where it knows the same labels, else a new one that starts at zero and sees
 * the model's output {@code pooled} [batch, width].
 */
final class Head {
    static final String WEIGHT = "score.weight";
    static final String BIAS = "score.bias";

    private final KitSpec spec;
    private final boolean own;

    Head(ModelProto model, List<String> modelLabels, KitSpec spec) {
        this.spec = spec;
        this.own = !spec.labels().isEmpty() && spec.labels().equals(modelLabels);
        if (own
                && model.getGraph().getInitializerList().stream()
                        .noneMatch(w -> w.getName().equals(WEIGHT))) {
            throw new GraphRefusedException("the model knows labels but has no weight " + WEIGHT);
        }
        if (!own && spec.task() == Task.PRETRAINING) {
            throw new GraphRefusedException("pretraining takes the labels of the model");
        }
    }

    /** Whether this weight of the model is part of the trained head. */
    boolean owns(String weight) {
        return own && Set.of(WEIGHT, BIAS).contains(weight);
    }

    /** A head of the model that makes room for a new one keeps working under another name. */
    Optional<String> newNameOf(String weight) {
        boolean yields =
                !own && !spec.labels().isEmpty() && Set.of(WEIGHT, BIAS).contains(weight);
        return yields ? Optional.of("model." + weight) : Optional.empty();
    }

    /** Logits [batch, labels]. */
    Value logits(Ops ops, Trainables trainables, Map<String, Value> values) {
        Value logits = own ? TrainingGraph.output(values, "label_logits") : fresh(ops, trainables, values);
        if (logits.rank() != 2 || logits.size(1) != spec.labels().size()) {
            throw new GraphRefusedException("the model's head does not give one logit for each label");
        }
        return logits;
    }

    private Value fresh(Ops ops, Trainables trainables, Map<String, Value> values) {
        Value pooled = TrainingGraph.output(values, "pooled");
        int labels = spec.labels().size();
        long width = pooled.size(-1);
        float[] zeros = new float[Math.toIntExact(labels * width)];
        return ops.gemm(pooled, false, trainables.add(WEIGHT, zeros, labels, width), true, 1);
    }
}
