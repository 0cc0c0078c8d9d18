package dev.coppice.adapters.merge;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * FedEx-LoRA (Singhal et al. 2024, arXiv 2410.09432): both factors are averaged, and what that misses,
 * {@code mean(B_i A_i) - mean(B) mean(A)}, is the remainder that goes into the base: exact together. Its rank is at most
 * that of all devices together; all devices and the server have one rank.
 */
public record ProductResidual() implements UpdateRule {
    @Override
    public String name() {
        return "fedex";
    }

    @Override
    public MergeOutcome merge(LoraAdapter before, List<Contribution> contributions, int round)
            throws MergeRefusedException {
        LoraAdapter average =
                new FactorAverage().merge(before, contributions, round).adapter();
        Cohort cohort = Cohort.of(before, contributions);
        SortedMap<String, LowRank> residuals = new TreeMap<>();
        for (String module : before.ranks().keySet()) {
            cohort.meanProduct(module)
                    .minus(average.product(module))
                    .findCompressed()
                    .ifPresent(residual -> residuals.put(module, residual));
        }
        if (residuals.isEmpty()) {
            return new MergeOutcome(average, null, cohort.error(average.products()));
        }
        LoraAdapter remainder = LoraAdapter.of(residuals);
        SortedMap<String, LowRank> together = average.products();
        remainder.products().forEach((module, residual) -> together.merge(module, residual, LowRank::plus));
        return new MergeOutcome(average, remainder, cohort.error(together));
    }
}
