package dev.coppice.adapters.merge;

import java.util.List;

/**
 * FlexLoRA (Bai et al. 2024, arXiv 2402.11505): the mean of the products, for any ranks, brought down to the server's
 * rank by a singular value decomposition. Here the mean is a stack of factors, decomposed through thin QRs of both, so
 * that no matrix of the weight's size is formed. The error is what lies beyond the server's rank.
 */
public record ProductAverage() implements UpdateRule {
    @Override
    public String name() {
        return "flexlora";
    }

    @Override
    public MergeOutcome merge(LoraAdapter before, List<Contribution> contributions, int round)
            throws MergeRefusedException {
        Cohort cohort = Cohort.of(before, contributions);
        LoraAdapter merged = cohort.withMeanOfOthers()
                .with(LoraAdapter.each(before.ranks().keySet(), module -> {
                    LowRank own = before.product(module);
                    return cohort.meanProduct(module).truncated(own.rank()).padded(own.rank(), own);
                }));
        return new MergeOutcome(merged, null, cohort.error(merged.products()));
    }
}
