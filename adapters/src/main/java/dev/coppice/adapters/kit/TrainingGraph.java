package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.lora.LoraInjection;
import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelInputs;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Placement;
import dev.coppice.adapters.onnx.ProductHook;
import dev.coppice.adapters.onnx.Specializer;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * One graph that holds everything a kit computes: the specialised model with its adapter, the loss, scores, and the
 * gradients of all trainables. The kit's models are cut out of it.
 */
final class TrainingGraph {
    private final Graph graph;
    private final Ops ops;
    private final KitSpec spec;
    private final Trainables trainables;
    private final Map<String, Value> inputs = new LinkedHashMap<>();
    private final List<Value> scores = new ArrayList<>();
    private final List<Value> losses = new ArrayList<>();
    private final List<TensorSpec> frozen;
    private final TrainingModels models;

    /**
     * @param modelLabels the labels that the model's own head knows
     * @param real FLOAT, or DOUBLE for numerical checks
     * @throws GraphRefusedException if the model does not allow what the spec asks for
     */
    TrainingGraph(ModelProto model, List<String> modelLabels, KitSpec spec, ElementType real) {
        this.spec = spec;
        this.graph = new Graph();
        this.ops = new Ops(graph);
        this.trainables = new Trainables(graph, real);
        KitInputs.of(spec).forEach((name, type) -> inputs.put(name, graph.input(name, type)));

        Head head = new Head(model, modelLabels, spec);
        Map<String, Value> bound = ModelInputs.bind(model, ops, real, input(KitInputs.TOKENS), input(KitInputs.MASK));
        model.getGraph().getInitializerList().stream()
                .filter(weight -> isTrained(weight, head))
                .forEach(weight -> bound.put(weight.getName(), trained(weight)));
        for (TensorProto weight : model.getGraph().getInitializerList()) {
            head.newNameOf(weight.getName())
                    .ifPresent(name -> bound.put(
                            weight.getName(),
                            graph.weight(name, ModelReader.tensor(weight).as(real))));
        }
        LoraInjection lora = new LoraInjection(spec.lora(), ModulePaths.of(model), trainables);
        Map<String, Value> values =
                new Specializer(model, graph, real, spec.lora().isNone() ? ProductHook.NONE : lora).run(bound);
        lora.requireAllTargets();
        this.frozen = lora.frozen();

        if (inputs.containsKey(KitInputs.ROW_LABELS)) {
            measure("row", head.logits(ops, trainables, values), KitInputs.ROW_LABELS);
        }
        if (inputs.containsKey(KitInputs.NEXT_TOKENS)) {
            measure("token", output(values, "logits"), KitInputs.NEXT_TOKENS);
        }
        Value loss = losses.stream().reduce(ops::add).orElseThrow();
        this.models = new TrainingModels(graph, List.copyOf(inputs.values()), trainables, loss);
    }

    AdapterWeights initial() {
        return trainables.initial();
    }

    /** The A factors that are constants. */
    List<TensorSpec> frozen() {
        return frozen;
    }

    /** See {@link TrainingModels#plain}. */
    ModelProto plain(Placement placement) {
        return models.plain(placement);
    }

    /** See {@link TrainingModels#eval}. */
    ModelProto eval(Placement placement) {
        return models.eval(scores, placement);
    }

    /** See {@link TrainingModels#training}. */
    ModelProto training(Placement placement) {
        return models.training(placement);
    }

    private void measure(String prefix, Value logits, String labels) {
        Value ids = input(labels);
        CrossEntropy entropy = new CrossEntropy(ops, ops.rows(logits), ops.reshape(ids, ids.count()));
        losses.add(entropy.mean());
        scores.addAll(entropy.scores(prefix));
    }

    private boolean isTrained(TensorProto weight, Head head) {
        String name = weight.getName();
        boolean named = name.endsWith(".weight") || name.endsWith(".bias");
        boolean all = spec.task() == Task.PRETRAINING && named;
        return (all || head.owns(name))
                && ElementType.ofCode(weight.getDataType()).isReal();
    }

    private Value trained(TensorProto weight) {
        long[] shape = weight.getDimsList().stream().mapToLong(Long::longValue).toArray();
        return trainables.add(weight.getName(), ModelReader.tensor(weight).toFloats(), shape);
    }

    private Value input(String name) {
        return Objects.requireNonNull(inputs.get(name));
    }

    static Value output(Map<String, Value> values, String name) {
        Value value = values.get(name);
        if (value == null) {
            throw new GraphRefusedException("the model has no output " + name);
        }
        return value;
    }
}
