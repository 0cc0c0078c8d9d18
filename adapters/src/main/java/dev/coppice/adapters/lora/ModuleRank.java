package dev.coppice.adapters.lora;

/**
 * Another rank and strength for some of the targets (PEFT's {@code rank_pattern} and {@code alpha_pattern}).
 *
 * @param modules which modules, written as {@link LoraSpec#targets()} are
 * @param rank columns of B, 1 to 256
 * @param alpha strength, above 0
 */
public record ModuleRank(String modules, int rank, double alpha) {
    /** @throws IllegalArgumentException if a value is out of range */
    public ModuleRank {
        ModulePattern.of(modules);
        LoraSpec.requireRank(rank, alpha);
    }

    boolean isFor(String path, boolean isHead) {
        return ModulePattern.of(modules).matches(path, isHead);
    }
}
