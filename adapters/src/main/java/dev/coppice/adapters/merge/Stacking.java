package dev.coppice.adapters.merge;

import java.util.List;

/**
 * FLoRA (Wang et al. 2024, arXiv 2409.05976): the factors of all devices are stacked, {@code B = [p1 B1, p2 B2, ...]} and
 * {@code A = [A1; A2; ...]}, so that {@code B A = sum(p_i B_i A_i)} exactly, for any ranks. The stack is the remainder,
 * which goes into the base; the next round starts from a fresh adapter ({@code B = 0}, A as it was handed out).
 */
public record Stacking() implements UpdateRule {
    @Override
    public String name() {
        return "flora";
    }

    @Override
    public MergeOutcome merge(LoraAdapter before, List<Contribution> contributions, int round)
            throws MergeRefusedException {
        Cohort cohort = Cohort.of(before, contributions);
        LoraAdapter stack = LoraAdapter.of(LoraAdapter.each(before.ranks().keySet(), cohort::meanProduct));
        LoraAdapter fresh = cohort.withMeanOfOthers().withEach(product -> product.times(0));
        return new MergeOutcome(fresh, stack, cohort.error(stack.products()));
    }
}
