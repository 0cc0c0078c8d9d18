package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.lora.ModulePaths.Parameter;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.adapters.onnx.Value;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The weights of the model itself that are trained: all of them in pretraining, else those of the head and of modules
 * that the adapter trains in full. A matrix that an exporter folded into [in, out] is trained as PyTorch has it,
 * [out, in], under the module's name.
 */
final class TrainedWeights {
    private final Map<String, Value> bound = new TreeMap<>();
    private final Map<String, TensorProto> replaced = new TreeMap<>();
    private final StoredModel model;
    private final KitSpec spec;
    private final ModulePaths modules;
    private final Head head;

    TrainedWeights(StoredModel model, ModulePaths modules, KitSpec spec, Head head, Ops ops, Trainables trainables) {
        this.model = model;
        this.spec = spec;
        this.modules = modules;
        this.head = head;
        Set<String> trainedModules = new HashSet<>();
        for (TensorProto weight : model.proto().getGraph().getInitializerList()) {
            Optional<Parameter> parameter = modules.findParameter(weight.getName());
            if (parameter.isPresent() && isTrained(weight, parameter.get())) {
                if (spec.task() != Task.PRETRAINING) {
                    modules.requireUnshared(weight.getName());
                }
                trainedModules.add(parameter.get().module());
                bound.put(weight.getName(), trained(weight, parameter.get(), ops, trainables));
                replaced.put(weight.getName(), weight);
            }
        }
        requireAll(trainedModules);
    }

    /** What takes the place of the model's initializers, by their names. */
    Map<String, Value> bound() {
        return Map.copyOf(bound);
    }

    /** The same initializers as they are in the model. */
    Map<String, Value> original(Graph graph, ElementType real) {
        Map<String, Value> original = new HashMap<>();
        replaced.forEach((name, weight) -> {
            original.put(name, graph.weight("base." + name, model.tensor(weight).as(real)));
        });
        return original;
    }

    private boolean isTrained(TensorProto weight, Parameter parameter) {
        boolean all = spec.task() == Task.PRETRAINING;
        return ElementType.ofCode(weight.getDataType()).isReal()
                && (all
                        || head.owns(parameter.module())
                        || spec.lora().options().trainsFully(parameter.module()));
    }

    private Value trained(TensorProto weight, Parameter parameter, Ops ops, Trainables trainables) {
        long[] shape = weight.getDimsList().stream().mapToLong(Long::longValue).toArray();
        float[] values = model.tensor(weight).toFloats();
        if (!parameter.isFolded()) {
            return trainables.add(parameter.name(), values, shape);
        }
        int in = Math.toIntExact(shape[0]);
        int out = Math.toIntExact(shape[1]);
        float[] swapped = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            swapped[i % out * in + i / out] = values[i];
        }
        return ops.swap(trainables.add(parameter.name(), swapped, out, in));
    }

    private void requireAll(Set<String> trainedModules) {
        for (String pattern : spec.lora().options().fullyTrained()) {
            if (trainedModules.stream()
                    .noneMatch(module ->
                            spec.lora().options().withFullyTrained(pattern).trainsFully(module))) {
                throw modules.refusal("no weight belongs to a module " + pattern + " that is to be trained");
            }
        }
    }
}
