package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.onnx.Attributes;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Value;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The classification head. It is the model's own where that knows the same labels: output {@code label_logits}, or
 * {@code logits} with one row a text, as sequence classifiers of transformers have it. Else it is a new one that starts
 * at zero and sees the output {@code pooled} [batch, width] or, in a model that has none, what its output layer sees.
 */
final class Head {
    private static final String MODULE = "score";
    static final String WEIGHT = MODULE + ".weight";
    private static final String BIAS = MODULE + ".bias";
    private static final String LABEL_LOGITS = "label_logits";
    private static final String LOGITS = "logits";
    private static final String POOLED = "pooled";

    private final KitSpec spec;
    private final ModulePaths modules;
    private final boolean own;
    private final String output;

    Head(ModelProto model, ModulePaths modules, List<String> modelLabels, KitSpec spec) {
        this.spec = spec;
        this.modules = modules;
        this.own = !spec.labels().isEmpty() && spec.labels().equals(modelLabels);
        this.output = model.getGraph().getOutputList().stream()
                .map(ValueInfoProto::getName)
                .filter(LABEL_LOGITS::equals)
                .findFirst()
                .orElse(LOGITS);
        if (own && ownModule().isEmpty()) {
            throw modules.refusal("the model knows labels but nothing says which module makes its output " + output);
        }
        if (!own && spec.task() == Task.PRETRAINING) {
            throw new GraphRefusedException("pretraining takes the labels of the model");
        }
    }

    /** Whether this module is the trained head or a part of it. */
    boolean owns(String module) {
        return own
                && ownModule()
                        .filter(head -> module.equals(head) || module.startsWith(head + "."))
                        .isPresent();
    }

    /** A head of the model that makes room for a new one keeps working under another name. */
    Optional<String> newNameOf(String weight) {
        boolean yields =
                !own && !spec.labels().isEmpty() && Set.of(WEIGHT, BIAS).contains(weight);
        return yields ? Optional.of("model." + weight) : Optional.empty();
    }

    /**
     * Logits of the model's own head; there must be one.
     *
     * @throws GraphRefusedException if the head is a new one: the base model has nothing to be close to
     */
    Value ownLogits(Map<String, Value> values) {
        if (!own) {
            throw new GraphRefusedException("a new head has no base model to stay close to");
        }
        return checked(TrainingGraph.output(values, output));
    }

    /** Logits [batch, labels]. */
    Value logits(Ops ops, Trainables trainables, Map<String, Value> values, Value mask) {
        if (own) {
            return ownLogits(values);
        }
        Value pooled = values.containsKey(POOLED) ? TrainingGraph.output(values, POOLED) : pooled(ops, values, mask);
        int labels = spec.labels().size();
        long width = pooled.size(-1);
        Value weight = trainables
                .find(WEIGHT)
                .orElseGet(() -> trainables.add(WEIGHT, new float[Math.toIntExact(labels * width)], labels, width));
        return checked(ops.gemm(pooled, false, weight, true, 1));
    }

    /** What the output layer sees of each text [batch, width]: of its last token or of its first. */
    private Value pooled(Ops ops, Map<String, Value> values, Value mask) {
        Value seen = TrainingGraph.output(
                values,
                modules.findHeadInput(LOGITS)
                        .orElseThrow(() -> new GraphRefusedException(
                                "the model has no output " + POOLED + " and no output layer to read from")));
        if (seen.rank() == 2 && seen.size(0) == spec.batch()) {
            return seen;
        }
        Value states = ops.reshape(seen, spec.batch(), spec.length(), seen.size(-1));
        long[] numbers = new long[spec.length()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = i;
        }
        Value positions = ops.reshape(ops.integers(numbers), 1, spec.length());
        Value wanted = spec.objective().pooling() == Pooling.FIRST_TOKEN
                ? ops.reshape(ops.integers(0), 1, 1)
                : ops.sub(ops.sum(mask, 1), ops.integers(1));
        Value chosen = ops.cast(ops.graph().call("Equal", Attributes.none(), positions, wanted), states.element());
        Value picked = ops.mul(states, ops.reshape(chosen, chosen.size(0), spec.length(), 1));
        return ops.reshape(ops.sum(picked, 1), spec.batch(), seen.size(-1));
    }

    private Value checked(Value logits) {
        if (logits.rank() != 2 || logits.size(1) != spec.labels().size()) {
            throw new GraphRefusedException("the model's head does not give one logit for each label");
        }
        return logits;
    }

    /** A head of several layers is trained as a whole: {@code classifier.dense} goes with {@code classifier.out_proj}. */
    private Optional<String> ownModule() {
        return modules.findHead(output).map(path -> path.replaceFirst("\\..*", ""));
    }
}
