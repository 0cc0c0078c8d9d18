package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.autodiff.Recomputation;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.fusion.Kernels;
import dev.coppice.adapters.lora.LoraInjection;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.onnx.CacheBranch;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelInputs;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Placement;
import dev.coppice.adapters.onnx.ProductHook;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * One graph that holds everything a kit computes: the specialised model with its adapter, the loss, scores, and the
 * gradients of all trainables. The kit's models are cut out of it.
 */
final class TrainingGraph {
    private final Graph graph;
    private final Ops ops;
    private final KitSpec spec;
    private final ModulePaths modules;
    private final Trainables trainables;
    private final Map<String, Value> inputs = new LinkedHashMap<>();
    private final List<TensorSpec> frozen;
    private final List<TensorSpec> masks;
    private final TrainingModels models;
    private final Measures evaluated;

    /** As below, as kits are made. */
    TrainingGraph(StoredModel model, List<String> modelLabels, KitSpec spec, ElementType real) {
        this(model, modelLabels, spec, real, Recomputation.AUTOMATIC);
    }

    /**
     * @param given the model; of one with and without a cache in one file, the part without
     * @param modelLabels the labels that the model's own head knows
     * @param real FLOAT, or DOUBLE for numerical checks
     * @throws GraphRefusedException if the model does not allow what the spec asks for
     */
    TrainingGraph(
            StoredModel given, List<String> modelLabels, KitSpec spec, ElementType real, Recomputation recomputation) {
        this(given, modelLabels, spec, real, recomputation, "");
    }

    /** As above. All names that nobody gave begin with this prefix. */
    TrainingGraph(
            StoredModel given,
            List<String> modelLabels,
            KitSpec spec,
            ElementType real,
            Recomputation recomputation,
            String prefix) {
        StoredModel model = given.with(CacheBranch.without(given.proto()));
        this.spec = spec;
        this.graph = new Graph(Graph.OPSET, prefix);
        graph.reserveNames(model.proto());
        this.ops = new Ops(graph);
        this.modules = ModulePaths.of(model.proto());
        this.trainables = new Trainables(graph, real);
        KitInputs.of(spec).forEach((name, type) -> {
            boolean fraction = type.element().isReal();
            inputs.put(name, graph.input(name, fraction ? TensorType.of(real, type.shape()) : type));
        });

        Head head = new Head(model.proto(), modules, modelLabels, spec);
        TrainedWeights trained = new TrainedWeights(model, modules, spec, head, ops, trainables);
        Replays replays = new Replays(model, graph, real, modelInputs(model, head, real));
        LoraInjection adapter = new LoraInjection(spec.lora(), modules, trainables);
        Optional<LabelledRows> rows = spec.predictedMax() == 0
                ? Optional.empty()
                : Optional.of(new LabelledRows(ops, input(KitInputs.NEXT_TOKENS), spec.predictedMax()));
        Map<String, Value> adapted = replays.run(ahead(rows, hook(adapter)), trained.bound());
        adapter.requireAllTargets();
        this.frozen = adapter.frozen();
        this.masks = adapter.masks().stream().map(TrainingGraph::spec).toList();
        adapter.masks().forEach(mask -> inputs.put(mask.name(), mask));

        Measures measures = new Measures(ops, spec, inputs, head, rows, trainables, adapted);
        Value objective = measures.loss();
        if (spec.objective().closeness() > 0) {
            Value reference = spec.objective().hasTeacher()
                    ? teacher(rows)
                    : measures.logits(replays.run(ahead(rows, ProductHook.NONE), trained.original(graph, real)));
            objective = ops.add(
                    objective,
                    ops.scale(measures.divergence(reference), spec.objective().closeness()));
        }
        if (spec.objective().proximal() > 0) {
            objective = ops.add(objective, ops.mul(proximal(), measures.share()));
        }
        this.evaluated = spec.lora().options().dropout() == 0 && rows.isEmpty()
                ? measures
                : whole(head, replays.run(hook(whole()), trained.bound()));
        List<Value> fed = List.copyOf(inputs.values());
        this.models = new TrainingModels(graph, fed, trainables, measures.loss(), objective, recomputation);
    }

    AdapterWeights initial() {
        return trainables.initial();
    }

    /** The A factors that are constants. */
    List<TensorSpec> frozen() {
        return frozen;
    }

    /** Names and shapes of the inputs that say which elements dropout keeps. */
    List<TensorSpec> masks() {
        return masks;
    }

    /** See {@link TrainingModels#plain}. */
    ModelProto plain(Placement placement) {
        return models.plain(placement);
    }

    /** See {@link TrainingModels#minimised}. */
    ModelProto minimised() {
        return models.minimised();
    }

    /** See {@link TrainingModels#eval}. */
    ModelProto eval(Placement placement) {
        return models.eval(evaluated.loss(), evaluated.scores(), placement);
    }

    /** See {@link TrainingModels#gradients}. */
    ModelProto gradients(Kernels kernels, Placement placement) {
        return models.gradients(kernels, placement);
    }

    /** Measures of all positions. */
    private Measures whole(Head head, Map<String, Value> values) {
        return new Measures(ops, spec, inputs, head, Optional.empty(), trainables, values);
    }

    private Value teacher(Optional<LabelledRows> rows) {
        Value logits = input(KitInputs.TEACHER);
        return rows.map(chosen -> chosen.of(logits)).orElse(logits);
    }

    private ProductHook ahead(Optional<LabelledRows> rows, ProductHook hook) {
        return rows.map(chosen ->
                        chosen.ahead(hook, modules, spec.lora().options().dropout()))
                .orElse(hook);
    }

    private ProductHook hook(LoraInjection adapter) {
        return spec.lora().isNone() ? ProductHook.NONE : adapter;
    }

    /** The same adapter without dropout. */
    private LoraInjection whole() {
        LoraSpec lora = spec.lora();
        return new LoraInjection(lora.with(lora.options().withDropout(0)), modules, trainables);
    }

    /** mu / 2 ||w - w0||^2. */
    private Value proximal() {
        List<Value> squares = new ArrayList<>();
        for (Value parameter : trainables.values()) {
            String name = parameter.name() + KitInputs.START;
            Value start = graph.input(name, parameter.type());
            inputs.put(name, start);
            Value moved = ops.sub(parameter, start);
            squares.add(ops.total(ops.mul(moved, moved)));
        }
        return ops.scale(
                squares.stream().reduce(ops::add).orElseThrow(),
                spec.objective().proximal() / 2);
    }

    /** What the model is fed, and a head of its own that makes room for a new one. */
    private Map<String, Value> modelInputs(StoredModel model, Head head, ElementType real) {
        Map<String, Value> bound =
                ModelInputs.bind(model.proto(), ops, real, input(KitInputs.TOKENS), input(KitInputs.MASK));
        for (TensorProto weight : model.proto().getGraph().getInitializerList()) {
            head.newNameOf(weight.getName())
                    .ifPresent(name -> bound.put(
                            weight.getName(),
                            graph.weight(name, model.tensor(weight).as(real))));
        }
        return bound;
    }

    private Value input(String name) {
        return Objects.requireNonNull(inputs.get(name));
    }

    private static TensorSpec spec(Value value) {
        return new TensorSpec(
                value.name(),
                Arrays.stream(value.shape()).mapToObj(Math::toIntExact).toList());
    }

    static Value output(Map<String, Value> values, String name) {
        Value value = values.get(name);
        if (value == null) {
            throw new GraphRefusedException("the model has no output " + name);
        }
        return value;
    }
}
