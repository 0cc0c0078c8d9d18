package dev.coppice.adapters.lora;

import java.util.List;

/**
 * Shape of a LoRA adapter: {@code y + (x A^T) B^T * alpha / rank} beside each target (Hu et al. 2021, equation 3).
 *
 * @param rank columns of B, 1 to 256; 0 only in {@link #none()}
 * @param alpha strength, above 0
 * @param targets last parts of module paths: {@code q_proj} means every {@code ....q_proj.weight}
 * @param factors which factors are trained
 * @param seed the initial A of every target is derived from it; B starts at zero
 */
public record LoraSpec(int rank, double alpha, List<String> targets, Factors factors, long seed) {
    private static final int RANK_MAX = 256;
    private static final LoraSpec NONE = new LoraSpec(0, 0, List.of(), Factors.B, 0);

    /** @throws IllegalArgumentException if a value is out of range */
    public LoraSpec {
        targets = targets.stream().sorted().distinct().toList();
        boolean none = rank == 0 && alpha == 0 && targets.isEmpty() && seed == 0 && factors == Factors.B;
        if (!none && (rank < 1 || rank > RANK_MAX || !(alpha > 0) || Double.isInfinite(alpha) || targets.isEmpty())) {
            throw new IllegalArgumentException("rank, alpha or targets of a LoRA adapter are out of range");
        }
        if (targets.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException("a LoRA target has no name");
        }
    }

    /** No adapter: only a head is trained, or all weights. */
    public static LoraSpec none() {
        return NONE;
    }

    public boolean isNone() {
        return rank == 0;
    }

    /** What the product of the factors is multiplied with. */
    public double scale() {
        return alpha / rank;
    }
}
