package dev.coppice.adapters.lora;

import java.util.List;

/**
 * What an adapter may have beyond plain LoRA.
 *
 * @param rankStabilized whether the scale is alpha / sqrt(rank) in place of alpha / rank (rsLoRA, Kalajdzievski 2023)
 * @param dropout probability, 0 to below 1, with which each element of what A reads is left out in training; the others
 *     are multiplied by 1 / (1 - dropout)
 * @param ranks modules of another rank or strength; the first that fits counts
 * @param fullyTrained modules whose own weights are trained (PEFT's {@code modules_to_save}), written as targets are; a
 *     module that holds others stands for all of them
 */
public record LoraOptions(boolean rankStabilized, double dropout, List<ModuleRank> ranks, List<String> fullyTrained) {
    /** Plain LoRA. */
    public static final LoraOptions PLAIN = new LoraOptions(false, 0, List.of(), List.of());

    /** @throws IllegalArgumentException if a value is out of range */
    public LoraOptions {
        ranks = List.copyOf(ranks);
        fullyTrained = fullyTrained.stream().sorted().distinct().toList();
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout is 0 or more and below 1");
        }
        fullyTrained.forEach(ModulePattern::of);
    }

    public LoraOptions withRankStabilized() {
        return new LoraOptions(true, dropout, ranks, fullyTrained);
    }

    public LoraOptions withDropout(double probability) {
        return new LoraOptions(rankStabilized, probability, ranks, fullyTrained);
    }

    public LoraOptions withRanks(ModuleRank... others) {
        return new LoraOptions(rankStabilized, dropout, List.of(others), fullyTrained);
    }

    public LoraOptions withFullyTrained(String... modules) {
        return new LoraOptions(rankStabilized, dropout, ranks, List.of(modules));
    }

    /** Whether a module, or one that it is part of, is trained in full. */
    public boolean trainsFully(String path) {
        return fullyTrained.stream()
                .anyMatch(pattern -> ModulePattern.of(pattern).matchesOrHolds(path));
    }
}
