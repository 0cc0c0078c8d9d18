package dev.coppice.adapters.inference;

import dev.coppice.adapters.model.ModelConfig;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What of a model adapters may change while it is open. The fewer, the faster the model runs without any.
 *
 * @param modules module paths or ends of such ({@code q_proj} stands for {@code model.layers.0.self_attn.q_proj} and all
 *     others), beside which LoRA factors may stand
 * @param whole names of tensors that adapters may replace, such as {@code score.weight}
 */
public record AdapterTargets(Set<String> modules, Set<String> whole) {
    /** The weight of a classification head. */
    static final String HEAD = "score.weight";

    private static final String HEAD_BIAS = "score.bias";

    public AdapterTargets {
        modules = Set.copyOf(modules);
        whole = Set.copyOf(whole);
    }

    /** Nothing: the model alone. */
    public static AdapterTargets none() {
        return new AdapterTargets(Set.of(), Set.of());
    }

    /** What adapters of this base model change as a rule. */
    public static AdapterTargets of(ModelConfig config) {
        return new AdapterTargets(Set.copyOf(config.loraTargets()), Set.of(HEAD, HEAD_BIAS));
    }

    /** Just what these adapters change. */
    public static AdapterTargets of(List<Adapter> adapters) {
        Set<String> modules = new TreeSet<>();
        Set<String> whole = new TreeSet<>();
        for (Adapter adapter : adapters) {
            modules.addAll(adapter.factors().keySet());
            whole.addAll(adapter.whole().keySet());
        }
        return new AdapterTargets(modules, whole);
    }

    static boolean isHead(String tensor) {
        return tensor.equals(HEAD) || tensor.equals(HEAD_BIAS);
    }

    /** Whether a path, perhaps below a wrapper of the exporter's, is meant by a target. */
    static boolean means(String target, String path) {
        return path.equals(target) || path.endsWith("." + target);
    }
}
