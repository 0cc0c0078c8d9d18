package dev.coppice.adapters.inference;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.NativeTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Zero, one or more adapters, one on top of the other, in native memory: what they move a weight by adds up. To switch
 * adapters is to use another stack. Never changed, so that any number of runs may use it at once; closed by whoever
 * made it, not before the last run with it has ended.
 *
 * <p>Adapters are stacked along the rank: A = [A1; A2] and B = [s1 B1, s2 B2] give B A = s1 B1 A1 + s2 B2 A2.
 */
public final class AdapterStack implements AutoCloseable {
    /** Native factors of one module. */
    record Part(NativeTensor a, NativeTensor b, int rank, int in, int out) {}

    /** A tensor that replaces the model's own. */
    record Whole(NativeTensor values, List<Long> shape) {}

    private final Map<String, Part> parts = new HashMap<>();
    private final Map<String, Whole> whole = new HashMap<>();

    private AdapterStack() {}

    /** No adapter. */
    @MustBeClosed
    public static AdapterStack none() {
        return new AdapterStack();
    }

    /**
     * Copies adapters to native memory.
     *
     * @throws IllegalArgumentException if two of them differ in the widths of a module, or replace the same tensor
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed here if it fails, else with the stack
    public static AdapterStack of(List<Adapter> adapters) throws EngineException {
        Map<String, List<LoraFactors>> byModule = new TreeMap<>();
        for (Adapter adapter : adapters) {
            adapter.factors()
                    .forEach((module, factors) -> byModule.computeIfAbsent(module, path -> new ArrayList<>())
                            .add(factors));
        }
        AdapterStack stack = new AdapterStack();
        boolean done = false;
        try {
            for (Map.Entry<String, List<LoraFactors>> module : byModule.entrySet()) {
                stack.add(module.getKey(), LoraFactors.stacked(module.getValue()));
            }
            for (Adapter adapter : adapters) {
                stack.addWhole(adapter);
            }
            done = true;
            return stack;
        } finally {
            if (!done) {
                stack.close();
            }
        }
    }

    @Override
    public void close() {
        parts.values().forEach(part -> {
            part.a().close();
            part.b().close();
        });
        whole.values().forEach(tensor -> tensor.values().close());
    }

    Map<String, Part> parts() {
        return parts;
    }

    Map<String, Whole> whole() {
        return whole;
    }

    @SuppressWarnings("MustBeClosedChecker") // closed with the stack
    private void add(String module, LoraFactors factors) throws EngineException {
        NativeTensor a = NativeTensor.ofFloats(factors.a(), factors.rank(), factors.in());
        NativeTensor b = NativeTensor.ofFloats(factors.b(), factors.out(), factors.rank());
        parts.put(module, new Part(a, b, factors.rank(), factors.in(), factors.out()));
    }

    @SuppressWarnings("MustBeClosedChecker") // closed with the stack
    private void addWhole(Adapter adapter) throws EngineException {
        for (TensorSpec tensor : adapter.whole().values()) {
            if (whole.containsKey(tensor.name())) {
                throw new IllegalArgumentException("two adapters both replace " + tensor.name());
            }
            List<Long> shape = tensor.shape().stream().map(Integer::longValue).toList();
            long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
            whole.put(
                    tensor.name(),
                    new Whole(NativeTensor.ofFloats(adapter.weights().tensor(tensor), sizes), shape));
        }
    }
}
