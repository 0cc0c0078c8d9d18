package dev.coppice.adapters.merge;

import dev.coppice.protocol.round.FactorSet;
import java.util.EnumSet;
import java.util.Set;

/** Factors as a round's terms name them. */
public final class FactorTerms {
    private FactorTerms() {}

    /**
     * The factors in a set.
     *
     * @throws IllegalArgumentException if the set is none that we know
     */
    public static Set<Factor> factors(FactorSet set) {
        return switch (set) {
            case WHOLE_ADAPTER -> EnumSet.allOf(Factor.class);
            case A_FACTORS -> EnumSet.of(Factor.A);
            case B_FACTORS -> EnumSet.of(Factor.B);
            case UNRECOGNIZED -> throw new IllegalArgumentException("unknown factors");
        };
    }

    /**
     * The set of these factors.
     *
     * @param factors at least one
     */
    public static FactorSet named(Set<Factor> factors) {
        if (factors.size() > 1) {
            return FactorSet.WHOLE_ADAPTER;
        }
        return factors.contains(Factor.A) ? FactorSet.A_FACTORS : FactorSet.B_FACTORS;
    }
}
