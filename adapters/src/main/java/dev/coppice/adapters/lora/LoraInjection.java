package dev.coppice.adapters.lora;

import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.ProductHook;
import dev.coppice.adapters.onnx.Shapes;
import dev.coppice.adapters.onnx.Tensor;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Adds a LoRA path beside every product of a target module. Tensors are named and shaped as PEFT has them:
 * {@code <module path>.lora_A.weight} [rank, in] and {@code <module path>.lora_B.weight} [out, rank].
 */
public final class LoraInjection implements ProductHook {
    private static final String WEIGHT = ".weight";

    private final LoraSpec spec;
    private final ModulePaths modules;
    private final Trainables trainables;
    private final Set<String> matched = new HashSet<>();
    private final Map<String, TensorSpec> frozen = new TreeMap<>();
    private final List<Value> masks = new ArrayList<>();

    public LoraInjection(LoraSpec spec, ModulePaths modules, Trainables trainables) {
        this.spec = spec;
        this.modules = modules;
        this.trainables = trainables;
    }

    @Override
    public Value after(Graph graph, String weight, boolean transposed, Value x, Value y) {
        Optional<String> path = modules.find(weight);
        if (path.isEmpty() || !isTarget(path.get(), modules.isHead(weight))) {
            return y;
        }
        if (modules.isEmbedding(weight)) {
            throw modules.refusal("module " + path.get() + " shares its weight with the embedding, so that an adapter"
                    + " there could not be merged; leave it out of the targets");
        }
        return beside(new Ops(graph), path.get(), x, y);
    }

    private boolean isTarget(String path, boolean isHead) {
        List<String> found = spec.targets().stream()
                .filter(target -> ModulePattern.of(target).matches(path, isHead))
                .toList();
        matched.addAll(found);
        return !found.isEmpty();
    }

    /** y + (x' A^T) B^T * scale, where x' is what dropout leaves of x. */
    private Value beside(Ops ops, String module, Value x, Value y) {
        int rank = spec.rank(module);
        double kept = 1 - spec.options().dropout();
        Value rows = ops.rows(x);
        Value read = kept == 1 ? rows : thinned(ops, module, rows);
        Value reduced = ops.gemm(read, false, factorA(ops, module, rank, x.size(-1)), true, 1);
        Value b = trainable(module + ".lora_B" + WEIGHT, y.size(-1), rank);
        Value added = ops.gemm(reduced, false, b, true, spec.scale(module) / kept);
        return ops.add(y, ops.reshape(added, y.shape()));
    }

    /** The factor that makes up for what is left out is part of the scale of the product. */
    private Value thinned(Ops ops, String module, Value rows) {
        String name = String.format("%s.keep_%d", module, masks.size()); // a module may work in several places
        Value keep = ops.graph().input(name, TensorType.of(ElementType.BOOL, rows.shape()));
        masks.add(keep);
        return ops.where(keep, rows, ops.number(rows, 0));
    }

    private Value factorA(Ops ops, String module, int rank, long in) {
        TensorSpec a = new TensorSpec(module + ".lora_A" + WEIGHT, List.of(rank, Math.toIntExact(in)));
        float[] values = InitialFactor.values(spec.seed(), a);
        if (spec.factors() == Factors.BOTH) {
            return trainables.find(a.name()).orElseGet(() -> trainables.add(a.name(), values, rank, in));
        }
        frozen.put(a.name(), a);
        Tensor tensor = Tensor.ofFloats(values, rank, in);
        return ops.graph().constant(trainables.isDouble() ? tensor.toDouble() : tensor);
    }

    private Value trainable(String name, long... shape) {
        int count = Math.toIntExact(Shapes.count(shape));
        return trainables.find(name).orElseGet(() -> trainables.add(name, new float[count], shape));
    }

    /**
     * Checks, after the model was replayed, that nothing asked for is missing.
     *
     * @throws dev.coppice.adapters.onnx.GraphRefusedException if some target matched no product of the model
     */
    public void requireAllTargets() {
        for (String target : spec.targets()) {
            if (!matched.contains(target)) {
                throw modules.refusal("no product in the model belongs to a module " + target);
            }
        }
    }

    /** The A factors that became constants, by name. */
    public List<TensorSpec> frozen() {
        return List.copyOf(frozen.values());
    }

    /** Inputs that say which elements dropout leaves: bool [rows, in], true where kept; in the order of the products. */
    public List<Value> masks() {
        return List.copyOf(masks);
    }
}
