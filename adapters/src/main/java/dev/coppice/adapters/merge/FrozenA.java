package dev.coppice.adapters.merge;

import java.util.EnumSet;
import java.util.Set;

/**
 * FFA-LoRA (Sun et al. 2024, arXiv 2403.12313): A stays as it was drawn, B is trained and averaged. Exact, since
 * {@code mean(B A) = mean(B) A}.
 */
public record FrozenA() implements SumRule {
    @Override
    public String name() {
        return "ffa";
    }

    @Override
    public Set<Factor> trained(int round) {
        return EnumSet.of(Factor.B);
    }
}
