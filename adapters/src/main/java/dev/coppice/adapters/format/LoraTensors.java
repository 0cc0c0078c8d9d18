package dev.coppice.adapters.format;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** Names of an adapter's tensors: {@code <module>.lora_A.weight} [rank, in], {@code <module>.lora_B.weight} [out, rank]. */
final class LoraTensors {
    static final String A = ".lora_A.weight";
    static final String B = ".lora_B.weight";

    private LoraTensors() {}

    /** The module whose factor a tensor is. */
    static Optional<String> module(String tensor) {
        boolean factor = tensor.endsWith(A) || tensor.endsWith(B);
        return factor ? Optional.of(tensor.substring(0, tensor.length() - A.length())) : Optional.empty();
    }

    /**
     * Ranks by module.
     *
     * @throws FormatRefusedException if a factor lacks its partner, or the two do not fit
     */
    static SortedMap<String, Integer> ranks(ParameterLayout layout) throws FormatRefusedException {
        Map<String, TensorSpec> tensors = new HashMap<>();
        layout.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
        SortedMap<String, Integer> ranks = new TreeMap<>();
        for (String name : tensors.keySet()) {
            Optional<String> module = module(name);
            if (module.isPresent()) {
                TensorSpec a = tensors.get(module.get() + A);
                TensorSpec b = tensors.get(module.get() + B);
                if (a == null || b == null) {
                    throw new FormatRefusedException(
                            "module " + module.get() + " has one LoRA factor without the other");
                }
                if (a.shape().size() != 2
                        || b.shape().size() != 2
                        || !a.shape().get(0).equals(b.shape().get(1))) {
                    throw new FormatRefusedException("the LoRA factors of " + module.get() + ", A " + a.shape()
                            + " and B " + b.shape() + ", do not fit");
                }
                ranks.put(module.get(), a.shape().get(0));
            }
        }
        return ranks;
    }

    /** The same values under other names. */
    static AdapterWeights renamed(AdapterWeights weights, UnaryOperator<String> name) {
        List<TensorSpec> tensors = weights.layout().tensors();
        ParameterLayout layout = ParameterLayout.of(tensors.stream()
                .map(tensor -> new TensorSpec(name.apply(tensor.name()), tensor.shape()))
                .toList());
        float[] values = new float[layout.count()];
        for (TensorSpec tensor : tensors) {
            System.arraycopy(
                    weights.tensor(tensor), 0, values, layout.offset(name.apply(tensor.name())), tensor.count());
        }
        return AdapterWeights.of(layout, values);
    }
}
