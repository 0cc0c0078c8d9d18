package dev.coppice.adapters.merge;

import java.util.EnumSet;
import java.util.Set;

/**
 * FedIT (Zhang et al. 2023, arXiv 2305.05644): both factors are trained and averaged separately. Inexact, since
 * {@code mean(B) mean(A)} is not {@code mean(B A)}; under differential privacy the noises of the factors multiply.
 */
public record FactorAverage() implements SumRule {
    @Override
    public String name() {
        return "fedit";
    }

    @Override
    public Set<Factor> trained(int round) {
        return EnumSet.allOf(Factor.class);
    }
}
