package dev.coppice.adapters.lora;

import java.util.List;

/**
 * Shape of a LoRA adapter: {@code y + (x A^T) B^T * alpha / rank} beside each target (Hu et al. 2021, equation 3).
 *
 * @param rank columns of B, 1 to 256; 0 only in {@link #none()}
 * @param alpha strength, above 0
 * @param targets modules that get an adapter. Each is the end of module paths ({@code q_proj} or
 *     {@code self_attn.q_proj}), a glob over whole ones (<code>model.layers.{0..3}.*.q_proj</code>: {@code *} within a
 *     segment, {@code **} across them, <code>{q,v}_proj</code> a choice) or a role: {@code q}, {@code k}, {@code v},
 *     {@code attention}, {@code mlp}, or {@code all-linear}, which is all but the output head
 * @param factors which factors are trained
 * @param seed the initial A of every target is derived from it; B starts at zero
 */
public record LoraSpec(int rank, double alpha, List<String> targets, Factors factors, long seed, LoraOptions options) {
    private static final int RANK_MAX = 256;
    private static final LoraSpec NONE = new LoraSpec(0, 0, List.of(), Factors.B, 0);

    /** @throws IllegalArgumentException if a value is out of range */
    public LoraSpec {
        targets = targets.stream().sorted().distinct().toList();
        boolean none = rank == 0
                && alpha == 0
                && targets.isEmpty()
                && seed == 0
                && factors == Factors.B
                && options.equals(LoraOptions.PLAIN);
        if (!none) {
            requireRank(rank, alpha);
            if (targets.isEmpty()) {
                throw new IllegalArgumentException("a LoRA adapter has targets");
            }
        }
        targets.forEach(ModulePattern::of);
    }

    /** Plain LoRA: one rank for all, no dropout, no other weights. */
    public LoraSpec(int rank, double alpha, List<String> targets, Factors factors, long seed) {
        this(rank, alpha, targets, factors, seed, LoraOptions.PLAIN);
    }

    /** The same adapter with these options in place of its own. */
    public LoraSpec with(LoraOptions others) {
        return new LoraSpec(rank, alpha, targets, factors, seed, others);
    }

    /** No adapter: only a head is trained, or all weights. */
    public static LoraSpec none() {
        return NONE;
    }

    public boolean isNone() {
        return rank == 0;
    }

    /** Rank of a module that is a target. */
    public int rank(String path) {
        return strength(path).rank();
    }

    /** Alpha of a module that is a target. */
    public double alpha(String path) {
        return strength(path).alpha();
    }

    /** Whether every target is the end of module paths, as PEFT's lists have them; else some are roles or globs. */
    public boolean hasOnlyEnds() {
        return targets.stream().allMatch(ModulePattern::isEnd);
    }

    /** What the product of the factors of a module is multiplied with. */
    public double scale(String path) {
        ModuleRank strength = strength(path);
        return strength.alpha() / (options.rankStabilized() ? Math.sqrt(strength.rank()) : strength.rank());
    }

    private ModuleRank strength(String path) {
        return options.ranks().stream()
                .filter(other -> other.isFor(path, false))
                .findFirst()
                .orElseGet(() -> new ModuleRank("**", rank, alpha));
    }

    static void requireRank(int rank, double alpha) {
        if (rank < 1 || rank > RANK_MAX || !(alpha > 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("rank is 1 to " + RANK_MAX + ", and alpha finite and above 0");
        }
    }
}
