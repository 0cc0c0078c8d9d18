package dev.coppice.aggregator.task;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.merge.AdapterPart;
import dev.coppice.adapters.merge.FactorTerms;
import dev.coppice.adapters.merge.LoraAdapter;
import dev.coppice.adapters.merge.LoraScale;
import dev.coppice.adapters.merge.MergeRefusedException;
import dev.coppice.adapters.merge.SumRule;
import dev.coppice.adapters.merge.SvdRefresh;
import dev.coppice.protocol.round.FactorSet;
import dev.coppice.protocol.round.RoundTerms;

/**
 * Whose turn it is: the factors that a round of a task trains and shares.
 *
 * @param part of the adapter that an update is of
 */
public record FactorTurn(SumRule rule, LoraSpec lora, FactorSet trained, FactorSet uploaded, AdapterPart part) {
    /**
     * The turn after so many merges. Rounds that came to nothing do not count: a factor's turn is over when it moved.
     *
     * @param layout of the task's adapters
     * @throws TaskRefusedException if the merge rule does not go with the task
     */
    public static FactorTurn after(int merges, TaskDefinition task, ParameterLayout layout)
            throws TaskRefusedException {
        LoraSpec lora = TaskJson.lora(task);
        SumRule rule = TaskJson.mergeRule(task, lora);
        boolean kitDecides = lora.isNone() || lora.factors() == Factors.B;
        FactorSet trained = kitDecides ? FactorSet.WHOLE_ADAPTER : FactorTerms.named(rule.trained(merges));
        FactorSet uploaded = kitDecides ? FactorSet.WHOLE_ADAPTER : FactorTerms.named(rule.uploaded(merges));
        return new FactorTurn(rule, lora, trained, uploaded, AdapterPart.of(layout, FactorTerms.factors(uploaded)));
    }

    /** The same of a task that was checked before it was stored. */
    public static FactorTurn stored(int merges, TaskDefinition task, ParameterLayout layout) {
        try {
            return after(merges, task, layout);
        } catch (TaskRefusedException e) {
            throw new IllegalStateException("A stored task was checked before", e);
        }
    }

    /** Numbers in an update. */
    public int dimension() {
        return part.layout().count();
    }

    /** Says so in a round's terms, whose noise was planned for updates of at least this dimension. */
    public void putInto(RoundTerms.Builder terms) {
        terms.getTrainingBuilder().setTrained(trained).setUploaded(uploaded);
        int indicators = terms.getEncoding().getIndicator() == 0 ? 0 : 1;
        terms.getEncodingBuilder().setDimension(dimension() + indicators);
    }

    /**
     * What the merge rule makes of an adapter that a mean was applied to.
     *
     * @throws MergeRefusedException if its values are not finite, or its factors do not fit each other
     */
    public AdapterWeights finished(AdapterWeights applied) throws MergeRefusedException {
        if (!(rule instanceof SvdRefresh)) {
            return applied;
        }
        LoraScale scale = lora.options().rankStabilized()
                ? LoraScale.rankStabilized(lora.alpha())
                : LoraScale.ofAlpha(lora.alpha());
        return rule.finished(LoraAdapter.of(applied, scale)).weights();
    }
}
