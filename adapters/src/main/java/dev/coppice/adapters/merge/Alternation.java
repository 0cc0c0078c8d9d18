package dev.coppice.adapters.merge;

import java.util.EnumSet;
import java.util.Set;

/**
 * RoLoRA (Chen et al. 2024, arXiv 2409.02346): one factor a round, B in rounds 0, 2, 4, ... (it starts at zero, where A
 * has no gradient) and A in the others. Exact, since all devices share the factor that rests.
 */
public record Alternation() implements SumRule {
    @Override
    public String name() {
        return "rolora";
    }

    @Override
    public Set<Factor> trained(int round) {
        return EnumSet.of(round % 2 == 0 ? Factor.B : Factor.A);
    }
}
