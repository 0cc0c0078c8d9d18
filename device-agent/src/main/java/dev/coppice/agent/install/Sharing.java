package dev.coppice.agent.install;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.merge.AdapterPart;
import dev.coppice.adapters.merge.FactorTerms;
import dev.coppice.agent.training.ExampleWeight;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.util.List;

/** What a round trains of an adapter, what of that it shares, and what stays on the device. */
public final class Sharing {
    private final String task;
    private final int fullWeightExamples;
    private final AdapterPart trained;
    private final AdapterPart uploaded;
    private final OwnFactors own;

    private Sharing(String task, int fullWeightExamples, AdapterPart trained, AdapterPart uploaded, OwnFactors own) {
        this.task = task;
        this.fullWeightExamples = fullWeightExamples;
        this.trained = trained;
        this.uploaded = uploaded;
        this.own = own;
    }

    /**
     * What a round's terms say of an adapter.
     *
     * @param layout of the kit's trainable parameters
     * @param own where what is not shared is kept
     */
    public static Sharing of(RoundTerms terms, ParameterLayout layout, OwnFactors own) {
        return new Sharing(
                terms.getTaskId(),
                terms.getTraining().getFullWeightExamples(),
                AdapterPart.of(layout, FactorTerms.factors(terms.getTraining().getTrained())),
                AdapterPart.of(layout, FactorTerms.factors(terms.getTraining().getUploaded())),
                own);
    }

    /** The candidate, with the factors that this device kept in earlier rounds of the task. */
    public AdapterWeights start(AdapterWeights candidate) throws IOException {
        AdapterPart stays = uploaded.rest();
        return keepsSome()
                ? own.find(task, stays.layout())
                        .map(kept -> stays.replaced(candidate, kept.toArray()))
                        .orElse(candidate)
                : candidate;
    }

    /** Tensors that training must leave alone. */
    public List<TensorSpec> held() {
        return trained.rest().layout().tensors();
    }

    /** Keeps, durably, what was trained and is not shared. */
    public void keep(AdapterWeights weights) throws IOException {
        if (keepsSome()) {
            own.keep(task, uploaded.rest().of(weights));
        }
    }

    /**
     * What leaves the device, before clip, noise and masks.
     *
     * @param examples that it was learned from
     */
    public float[] update(AdapterWeights start, AdapterWeights weights, int examples) {
        return ExampleWeight.weighted(uploaded.of(weights.minus(start)), fullWeightExamples, examples);
    }

    private boolean keepsSome() {
        return !trained.equals(uploaded);
    }
}
