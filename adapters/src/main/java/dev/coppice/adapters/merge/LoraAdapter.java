package dev.coppice.adapters.merge;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An adapter seen as its factors: for each module A [rank, in] and B [out, rank], which move the module's weight by
 * {@code scale(rank) * B A}, and tensors that are no factors, such as a head. Ranks may differ between modules.
 * Immutable.
 */
public final class LoraAdapter {
    private final AdapterWeights weights;
    private final LoraScale scale;
    private final SortedMap<String, Integer> ranks;

    private LoraAdapter(AdapterWeights weights, LoraScale scale, SortedMap<String, Integer> ranks) {
        this.weights = weights;
        this.scale = scale;
        this.ranks = ranks;
    }

    /**
     * The adapter with these tensors, named as PEFT has them.
     *
     * @throws MergeRefusedException if a value is not finite, a factor lacks the other, or the two do not fit
     */
    public static LoraAdapter of(AdapterWeights weights, LoraScale scale) throws MergeRefusedException {
        Map<String, TensorSpec> tensors = new HashMap<>();
        for (TensorSpec tensor : weights.layout().tensors()) {
            tensors.put(tensor.name(), tensor);
            requireFinite(weights, tensor);
        }
        SortedMap<String, Integer> ranks = new TreeMap<>();
        for (TensorSpec tensor : tensors.values()) {
            if (Factor.find(tensor.name()).isPresent()) {
                String module = Factor.module(tensor.name());
                ranks.put(module, rank(module, tensors.get(Factor.A.of(module)), tensors.get(Factor.B.of(module))));
            }
        }
        return new LoraAdapter(weights, scale, ranks);
    }

    /** All tensors: factors and others. */
    public AdapterWeights weights() {
        return weights;
    }

    /** What the product of factors of a rank is multiplied with. */
    public LoraScale scale() {
        return scale;
    }

    /** Paths of the modules that have factors, sorted, each with its rank. */
    public SortedMap<String, Integer> ranks() {
        return new TreeMap<>(ranks);
    }

    /**
     * Rank of a module's factors.
     *
     * @throws IllegalArgumentException if it has none
     */
    public int rank(String module) {
        Integer rank = ranks.get(module);
        if (rank == null) {
            throw new IllegalArgumentException("module " + module + " has no factors");
        }
        return rank;
    }

    /**
     * What a module's weight moves by: {@code scale * B A}, [out, in], row-major. This is large; everything else here
     * works on factors.
     *
     * @throws IllegalArgumentException if the module has no factors
     */
    public float[] denseChange(String module) {
        return product(module).dense();
    }

    /**
     * The nearest adapter of at most this rank in every module, as a device of smaller rank takes it from a server of
     * larger rank (FlexLoRA; Bai et al. 2024, arXiv 2402.11505).
     */
    public LoraAdapter truncated(int rank) {
        return withEach(product -> product.truncated(rank));
    }

    /**
     * The first components of every module, zeros where there are fewer: what a device of another rank takes from a
     * server that pads (HetLoRA; Cho et al. 2024, arXiv 2401.06432).
     */
    public LoraAdapter leading(int rank) {
        return withEach(product -> product.leading(rank));
    }

    LowRank product(String module) {
        int rank = rank(module);
        float[] a = tensor(Factor.A.of(module));
        return LowRank.of(tensor(Factor.B.of(module)), a, rank, scale.of(rank));
    }

    /** The tensors that are one of these factors, and all that are none. */
    AdapterWeights part(Set<Factor> factors) {
        return AdapterPart.of(weights.layout(), factors).of(weights);
    }

    /** For each module [out, in]. */
    Map<String, List<Integer>> sizes() {
        Map<String, List<Integer>> sizes = new HashMap<>();
        ranks.forEach((module, rank) -> sizes.put(
                module, List.of(tensor(Factor.B.of(module)).length / rank, tensor(Factor.A.of(module)).length / rank)));
        return sizes;
    }

    /** This adapter with some tensors, of the shapes they have here, replaced. */
    LoraAdapter with(AdapterWeights replaced) throws MergeRefusedException {
        float[] values = weights.toArray();
        for (TensorSpec tensor : replaced.layout().tensors()) {
            float[] part = replaced.tensor(tensor);
            System.arraycopy(part, 0, values, weights.layout().offset(tensor.name()), part.length);
        }
        return of(AdapterWeights.of(weights.layout(), values), scale);
    }

    /** This adapter with the factors of all its modules replaced. */
    LoraAdapter with(SortedMap<String, LowRank> products) {
        Map<TensorSpec, float[]> others = new HashMap<>();
        part(Set.of()).layout().tensors().forEach(tensor -> others.put(tensor, weights.tensor(tensor)));
        return assembled(others, products, scale);
    }

    /** An adapter of factors alone, whose scale is 1. */
    static LoraAdapter of(SortedMap<String, LowRank> products) {
        return assembled(Map.of(), products, LoraScale.ONE);
    }

    /** The products of all modules by their paths. */
    SortedMap<String, LowRank> products() {
        return each(ranks.keySet(), this::product);
    }

    /** One product for each module. */
    static SortedMap<String, LowRank> each(Iterable<String> modules, Function<String, LowRank> product) {
        SortedMap<String, LowRank> products = new TreeMap<>();
        modules.forEach(module -> products.put(module, product.apply(module)));
        return products;
    }

    /** This adapter with each product changed. */
    LoraAdapter withEach(UnaryOperator<LowRank> change) {
        return with(each(ranks.keySet(), module -> change.apply(product(module))));
    }

    private static LoraAdapter assembled(
            Map<TensorSpec, float[]> others, SortedMap<String, LowRank> products, LoraScale scale) {
        Map<TensorSpec, float[]> tensors = new HashMap<>(others);
        SortedMap<String, Integer> ranks = new TreeMap<>();
        products.forEach((module, product) -> {
            float[] a = product.right();
            float[] b = product.left(1 / scale.of(product.rank()));
            int rank = product.rank();
            tensors.put(new TensorSpec(Factor.A.of(module), List.of(rank, a.length / rank)), a);
            tensors.put(new TensorSpec(Factor.B.of(module), List.of(b.length / rank, rank)), b);
            ranks.put(module, rank);
        });
        ParameterLayout layout = ParameterLayout.of(List.copyOf(tensors.keySet()));
        float[] values = new float[layout.count()];
        tensors.forEach((spec, part) -> System.arraycopy(part, 0, values, layout.offset(spec.name()), part.length));
        return new LoraAdapter(AdapterWeights.of(layout, values), scale, ranks);
    }

    private float[] tensor(String name) {
        return weights.layout().tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .map(weights::tensor)
                .orElseThrow();
    }

    private static int rank(String module, @Nullable TensorSpec a, @Nullable TensorSpec b)
            throws MergeRefusedException {
        if (a == null || b == null) {
            throw new MergeRefusedException(module + " has one factor without the other");
        }
        boolean fits = a.shape().size() == 2
                && b.shape().size() == 2
                && a.shape().get(0).equals(b.shape().get(1));
        if (!fits) {
            throw new MergeRefusedException(
                    "the factors of " + module + ", A " + a.shape() + " and B " + b.shape() + ", do not fit");
        }
        return a.shape().get(0);
    }

    private static void requireFinite(AdapterWeights weights, TensorSpec tensor) throws MergeRefusedException {
        for (float value : weights.tensor(tensor)) {
            if (!Float.isFinite(value)) {
                throw new MergeRefusedException("tensor " + tensor.name() + " holds a value that is not finite");
            }
        }
    }
}
