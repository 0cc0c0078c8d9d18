package dev.coppice.adapters.merge;

import java.util.List;

/**
 * HetLoRA (Cho et al. 2024, arXiv 2401.06432): factors of smaller ranks are padded with zeros to the server's rank, those
 * of larger ranks are cut, and both factors are averaged, each device weighted by the norm of its product as well
 * ("sparsity-weighted aggregation"). Devices take {@link LoraAdapter#leading}. Its pruning of ranks during training is
 * not done here.
 */
public record ZeroPadding() implements UpdateRule {
    @Override
    public String name() {
        return "hetlora";
    }

    @Override
    public MergeOutcome merge(LoraAdapter before, List<Contribution> contributions, int round)
            throws MergeRefusedException {
        Cohort cohort = Cohort.of(before, contributions);
        LoraAdapter merged = cohort.withMeanOfOthers()
                .with(LoraAdapter.each(before.ranks().keySet(), module -> average(before, cohort, module)));
        return new MergeOutcome(merged, null, cohort.error(merged.products()));
    }

    private static LowRank average(LoraAdapter before, Cohort cohort, String module) {
        int rank = before.product(module).rank();
        List<LowRank> padded = cohort.products(module).stream()
                .map(product -> product.leading(rank))
                .toList();
        double[] norms =
                cohort.products(module).stream().mapToDouble(LowRank::norm).toArray();
        return LowRank.ofMeans(padded, cohort.sharesTimes(norms));
    }
}
