package dev.coppice.adapters.merge;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Adapters of two modules, 12 x 10 and 5 x 30, and a head. */
final class SampleAdapters {
    static final LoraScale SCALE = LoraScale.ofAlpha(16);
    static final String WIDE = "layers.0.q_proj";
    static final String TALL = "layers.1.v_proj";

    private final SplittableRandom random;

    SampleAdapters(long seed) {
        this.random = new SplittableRandom(seed);
    }

    LoraAdapter adapter(int rank) throws MergeRefusedException {
        return adapter(rank, rank);
    }

    LoraAdapter adapter(int wideRank, int tallRank) throws MergeRefusedException {
        Map<TensorSpec, float[]> tensors = new TreeMap<>(java.util.Comparator.comparing(TensorSpec::name));
        put(tensors, WIDE, 12, 10, wideRank);
        put(tensors, TALL, 5, 30, tallRank);
        tensors.put(new TensorSpec("score.weight", List.of(2, 4)), draw(8));
        return LoraAdapter.of(weights(tensors), SCALE);
    }

    /** So many devices that trained from a start, each what the rule lets it train. */
    List<Contribution> trained(MergeRule rule, LoraAdapter before, int devices, int round)
            throws MergeRefusedException {
        List<Contribution> cohort = new ArrayList<>();
        for (int i = 0; i < devices; i++) {
            LoraAdapter other = adapter(before.rank(WIDE), before.rank(TALL));
            LoraAdapter trained = before.with(other.part(rule.trained(round)));
            cohort.add(new Contribution(rule.upload(trained, round), 1 + random.nextInt(50)));
        }
        return cohort;
    }

    static LoraAdapter pair(float[] a, int in, float[] b, int rank, LoraScale scale) throws MergeRefusedException {
        Map<TensorSpec, float[]> tensors = new HashMap<>();
        tensors.put(new TensorSpec("m.lora_A.weight", List.of(rank, in)), a);
        tensors.put(new TensorSpec("m.lora_B.weight", List.of(b.length / rank, rank)), b);
        return LoraAdapter.of(weights(tensors), scale);
    }

    static AdapterWeights weights(Map<TensorSpec, float[]> tensors) {
        ParameterLayout layout = ParameterLayout.of(List.copyOf(tensors.keySet()));
        float[] values = new float[layout.count()];
        tensors.forEach((spec, part) -> System.arraycopy(part, 0, values, layout.offset(spec.name()), part.length));
        return AdapterWeights.of(layout, values);
    }

    float[] draw(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    private void put(Map<TensorSpec, float[]> tensors, String module, int out, int in, int rank) {
        tensors.put(new TensorSpec(module + ".lora_A.weight", List.of(rank, in)), draw(rank * in));
        tensors.put(new TensorSpec(module + ".lora_B.weight", List.of(out, rank)), draw(out * rank));
    }
}
