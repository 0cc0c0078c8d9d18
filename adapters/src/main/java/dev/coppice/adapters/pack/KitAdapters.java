package dev.coppice.adapters.pack;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.PeftAdapter;
import dev.coppice.adapters.format.PeftConfig;
import dev.coppice.adapters.format.PeftStrength;
import dev.coppice.adapters.format.PeftTargets;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.lora.LoraSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A kit's adapter as Hugging Face PEFT has it, and the other way round. */
public final class KitAdapters {
    private static final String A = ".lora_A.weight";
    private static final String B = ".lora_B.weight";

    private KitAdapters() {}

    /**
     * What training in a kit has come to, with the factors that the kit froze.
     *
     * @throws IllegalArgumentException if the weights are not in the kit's layout
     */
    public static PeftAdapter toPeft(Kit kit, AdapterWeights weights) {
        if (!weights.layout().equals(kit.layout())) {
            throw new IllegalArgumentException("the weights are not in the kit's layout");
        }
        try {
            return PeftAdapter.of(config(kit), whole(kit, weights));
        } catch (FormatRefusedException e) {
            throw new IllegalStateException("a kit's configuration fits its own tensors", e);
        }
    }

    /**
     * An adapter as a kit trains it.
     *
     * @throws FormatRefusedException if it adapts other modules or with other ranks, or the kit has frozen factors and the
     *     adapter others
     */
    public static AdapterWeights fromPeft(Kit kit, PeftAdapter adapter) throws FormatRefusedException {
        AdapterWeights frozen = kit.frozen();
        ParameterLayout layout = layout(kit.layout(), frozen.layout());
        AdapterWeights whole = adapter.in(layout, kit.spec().lora()::scale);
        for (TensorSpec tensor : frozen.layout().tensors()) {
            if (!Arrays.equals(whole.tensor(tensor), frozen.tensor(tensor))) {
                throw new FormatRefusedException("the kit keeps A frozen, and the adapter has another " + tensor.name()
                        + "; use a kit that trains both factors");
            }
        }
        float[] values = new float[kit.layout().count()];
        copy(whole, kit.layout(), values);
        return AdapterWeights.of(kit.layout(), values);
    }

    /** Whether an adapter holds just these weights of a kit's layout, besides what the kit froze. */
    public static boolean holds(PeftAdapter adapter, AdapterWeights trained) {
        AdapterWeights whole = adapter.weights();
        List<TensorSpec> tensors = whole.layout().tensors();
        return trained.layout().tensors().stream()
                .allMatch(tensor ->
                        tensors.contains(tensor) && Arrays.equals(whole.tensor(tensor), trained.tensor(tensor)));
    }

    /** Canonical: equal kits give equal configurations. */
    static PeftConfig config(Kit kit) {
        LoraSpec lora = kit.spec().lora();
        List<String> modules = new ArrayList<>();
        List<String> saved = new ArrayList<>();
        for (TensorSpec tensor : kit.layout().tensors()) {
            String name = tensor.name();
            if (name.endsWith(B)) {
                modules.add(name.substring(0, name.length() - B.length()));
            } else if (!name.endsWith(A)) {
                saved.add(name.substring(0, name.lastIndexOf('.')));
            }
        }
        return new PeftConfig(
                "sha256:" + kit.modelSha256(),
                kit.spec().task().hasLabels() ? "SEQ_CLS" : "CAUSAL_LM",
                strength(lora, modules),
                PeftTargets.ends(lora.hasOnlyEnds() ? lora.targets() : modules),
                lora.options().dropout(),
                saved.stream().sorted().distinct().toList());
    }

    private static PeftStrength strength(LoraSpec lora, List<String> modules) {
        Map<String, Integer> ranks = new TreeMap<>();
        Map<String, Double> alphas = new TreeMap<>();
        for (String module : modules) {
            if (lora.rank(module) != lora.rank()) {
                ranks.put(module, lora.rank(module));
            }
            if (lora.alpha(module) != lora.alpha()) {
                alphas.put(module, lora.alpha(module));
            }
        }
        return new PeftStrength(
                Math.max(1, lora.rank()), lora.alpha(), lora.options().rankStabilized(), ranks, alphas);
    }

    private static AdapterWeights whole(Kit kit, AdapterWeights weights) {
        AdapterWeights frozen = kit.frozen();
        ParameterLayout layout = layout(weights.layout(), frozen.layout());
        float[] values = new float[layout.count()];
        for (AdapterWeights part : List.of(weights, frozen)) {
            for (TensorSpec tensor : part.layout().tensors()) {
                System.arraycopy(part.tensor(tensor), 0, values, layout.offset(tensor.name()), tensor.count());
            }
        }
        return AdapterWeights.of(layout, values);
    }

    private static void copy(AdapterWeights from, ParameterLayout layout, float[] to) {
        for (TensorSpec tensor : layout.tensors()) {
            System.arraycopy(from.tensor(tensor), 0, to, layout.offset(tensor.name()), tensor.count());
        }
    }

    private static ParameterLayout layout(ParameterLayout one, ParameterLayout other) {
        List<TensorSpec> tensors = new ArrayList<>(one.tensors());
        tensors.addAll(other.tensors());
        return ParameterLayout.of(tensors);
    }
}
