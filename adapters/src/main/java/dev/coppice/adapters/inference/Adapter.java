package dev.coppice.adapters.inference;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.PeftAdapter;
import dev.coppice.adapters.kit.Kit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * An adapter as inference takes it: for each module the factors A [rank, in] and B [out, rank] and what their product is
 * multiplied with, and tensors that take the place of the model's own, such as a head. Ranks may differ between modules.
 * Immutable.
 */
public final class Adapter {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    private final AdapterWeights weights;
    private final SortedMap<String, Double> scales = new TreeMap<>();
    private final SortedMap<String, LoraFactors> factors = new TreeMap<>();
    private final SortedMap<String, TensorSpec> whole = new TreeMap<>();

    private Adapter(AdapterWeights weights, ToDoubleFunction<String> scale) {
        this.weights = weights;
        Map<String, TensorSpec> tensors = new HashMap<>();
        weights.layout().tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        tensors.forEach((name, tensor) -> {
            if (name.endsWith(A) || name.endsWith(B)) {
                String module = name.substring(0, name.length() - A.length());
                scales.computeIfAbsent(module, scale::applyAsDouble);
            } else {
                whole.put(name, tensor);
            }
        });
        scales.forEach((module, factor) ->
                factors.put(module, factors(module, tensors.get(module + A), tensors.get(module + B), factor)));
    }

    /**
     * An adapter with tensors named as PEFT has them, without its prefix.
     *
     * @param scale for each module path what the product B A is multiplied with, for example alpha / rank
     * @throws IllegalArgumentException if a factor lacks its partner, or the two do not fit
     */
    public static Adapter of(AdapterWeights weights, ToDoubleFunction<String> scale) {
        return new Adapter(weights, scale);
    }

    /** An adapter from PEFT's files. */
    public static Adapter of(PeftAdapter adapter) {
        SortedMap<String, Double> scales = adapter.scales();
        return new Adapter(adapter.weights(), module -> scales.getOrDefault(module, 1.0));
    }

    /** What training in a kit has come to, the kit's frozen factors included. */
    public static Adapter of(Kit kit, AdapterWeights trained) {
        return new Adapter(joined(kit.frozen(), trained), kit.spec().lora()::scale);
    }

    /** All tensors, unscaled. */
    AdapterWeights weights() {
        return weights;
    }

    /** What the product B A is multiplied with, by the path of the module. */
    SortedMap<String, Double> scales() {
        return new TreeMap<>(scales);
    }

    /** The factors of each module, by its path; the scale is in B. */
    SortedMap<String, LoraFactors> factors() {
        return new TreeMap<>(factors);
    }

    /** Tensors that replace the model's own, by name. */
    SortedMap<String, TensorSpec> whole() {
        return new TreeMap<>(whole);
    }

    private LoraFactors factors(String module, @Nullable TensorSpec a, @Nullable TensorSpec b, double scale) {
        if (a == null || b == null) {
            throw new IllegalArgumentException("module " + module + " has one LoRA factor without the other");
        }
        boolean fit = a.shape().size() == 2
                && b.shape().size() == 2
                && a.shape().get(0).equals(b.shape().get(1));
        if (!fit) {
            throw new IllegalArgumentException("the LoRA factors of module " + module + ", A " + a.shape() + " and B "
                    + b.shape() + ", do not fit");
        }
        return LoraFactors.of(a.shape().get(0), weights.tensor(a), weights.tensor(b), scale);
    }

    private static AdapterWeights joined(AdapterWeights one, AdapterWeights other) {
        List<TensorSpec> tensors = new ArrayList<>(one.layout().tensors());
        tensors.addAll(other.layout().tensors());
        ParameterLayout layout = ParameterLayout.of(tensors);
        float[] values = new float[layout.count()];
        for (AdapterWeights part : List.of(one, other)) {
            for (TensorSpec tensor : part.layout().tensors()) {
                System.arraycopy(part.tensor(tensor), 0, values, layout.offset(tensor.name()), tensor.count());
            }
        }
        return AdapterWeights.of(layout, values);
    }
}
