package dev.coppice.adapters.merge;

import dev.coppice.adapters.AdapterWeights;
import java.util.List;

/** A rule for which the mean of what devices upload is enough: it works with secure aggregation. */
public sealed interface SumRule extends MergeRule permits FactorAverage, FrozenA, Alternation, SharedA, SvdRefresh {
    /** What the server makes of the adapter after the mean was applied. */
    default LoraAdapter finished(LoraAdapter applied) {
        return applied;
    }

    /**
     * Merges the mean of the uploads, as a secure sum gives it. The error remains unknown.
     *
     * @param before what the round started from
     * @param mean of the tensors that {@link #upload} picks
     * @throws MergeRefusedException if the mean has another layout or a value that is not finite
     */
    default MergeOutcome mergeMean(LoraAdapter before, AdapterWeights mean, int round) throws MergeRefusedException {
        if (!mean.layout().equals(before.part(uploaded(round)).layout())) {
            throw new MergeRefusedException("the mean does not hold what " + name() + " uploads in round " + round);
        }
        return new MergeOutcome(finished(before.with(mean)), null, null);
    }

    @Override
    default MergeOutcome merge(LoraAdapter before, List<Contribution> contributions, int round)
            throws MergeRefusedException {
        MergeOutcome outcome = mergeMean(before, Cohort.mean(contributions), round);
        if (!uploaded(round).containsAll(trained(round))) {
            return outcome;
        }
        Cohort cohort = Cohort.completing(before, contributions);
        return new MergeOutcome(
                outcome.adapter(), null, cohort.error(outcome.adapter().products()));
    }

    @Override
    default SumRule onSecureSum() {
        return this;
    }
}
