package dev.coppice.adapters.lora;

import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.ProductHook;
import dev.coppice.adapters.onnx.Shapes;
import dev.coppice.adapters.onnx.Tensor;
import dev.coppice.adapters.onnx.Value;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Adds a LoRA path beside every product with a target weight. Tensors are named and shaped as PEFT has them:
 * {@code <module path>.lora_A.weight} [rank, in] and {@code <module path>.lora_B.weight} [out, rank].
 */
public final class LoraInjection implements ProductHook {
    private static final String WEIGHT = ".weight";

    private final LoraSpec spec;
    private final Trainables trainables;
    private final Set<String> matched = new HashSet<>();
    private final Map<String, TensorSpec> frozen = new TreeMap<>();

    public LoraInjection(LoraSpec spec, Trainables trainables) {
        this.spec = spec;
        this.trainables = trainables;
    }

    @Override
    public Value after(Graph graph, String weight, boolean transposed, Value x, Value y) {
        if (!weight.endsWith(WEIGHT)) {
            return y;
        }
        String module = weight.substring(0, weight.length() - WEIGHT.length());
        String target = module.substring(module.lastIndexOf('.') + 1);
        if (!spec.targets().contains(target)) {
            return y;
        }
        matched.add(target);
        return beside(new Ops(graph), module, x, y);
    }

    /** y + (x A^T) B^T * alpha / rank. */
    private Value beside(Ops ops, String module, Value x, Value y) {
        Value reduced = ops.gemm(ops.rows(x), false, factorA(ops, module, x.size(-1)), true, 1);
        Value b = trainable(module + ".lora_B" + WEIGHT, y.size(-1), spec.rank());
        return ops.add(y, ops.reshape(ops.gemm(reduced, false, b, true, spec.scale()), y.shape()));
    }

    private Value factorA(Ops ops, String module, long in) {
        TensorSpec a = new TensorSpec(module + ".lora_A" + WEIGHT, List.of(spec.rank(), Math.toIntExact(in)));
        float[] values = InitialFactor.values(spec.seed(), a);
        if (spec.factors() == Factors.BOTH) {
            return trainables.find(a.name()).orElseGet(() -> trainables.add(a.name(), values, spec.rank(), in));
        }
        frozen.put(a.name(), a);
        Tensor tensor = Tensor.ofFloats(values, spec.rank(), in);
        return ops.graph().constant(trainables.isDouble() ? tensor.toDouble() : tensor);
    }

    private Value trainable(String name, long... shape) {
        int count = Math.toIntExact(Shapes.count(shape));
        return trainables.find(name).orElseGet(() -> trainables.add(name, new float[count], shape));
    }

    /**
     * Checks, after the model was replayed, that nothing asked for is missing.
     *
     * @throws GraphRefusedException if some target matched no product of the model
     */
    public void requireAllTargets() {
        for (String target : spec.targets()) {
            if (!matched.contains(target)) {
                throw new GraphRefusedException("no product in the model has a weight named ..." + target + WEIGHT);
            }
        }
    }

    /** The A factors that became constants, by name. */
    public List<TensorSpec> frozen() {
        return List.copyOf(frozen.values());
    }
}
