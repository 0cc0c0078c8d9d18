package dev.coppice.adapters.runtime;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import java.util.Collection;
import java.util.List;

/**
 * One native session that trains adapters of one kit. Any number of adapters may take turns: {@link #load} leaves no
 * trace of the last one. One thread at a time. After {@link #close} every call throws {@link IllegalStateException};
 * closing twice is harmless.
 */
public interface TrainingEngine extends AutoCloseable {
    /**
     * Takes over these weights and forgets all optimizer state. A proximal term pulls towards them from now on.
     *
     * @param seed of what training draws: which elements dropout leaves out. The same seed and the same steps draw the
     *     same in every engine
     * @throws IllegalArgumentException if the layout is not the kit's
     */
    void load(AdapterWeights weights, long seed) throws EngineException;

    /**
     * From now on, until weights are loaded, these tensors stay as they are: steps move the others alone.
     *
     * @param tensors of the kit's layout; none to move all
     */
    void hold(Collection<TensorSpec> tensors) throws EngineException;

    /** Loads with a seed of 0, which says nothing where a kit has no dropout. */
    default void load(AdapterWeights weights) throws EngineException {
        load(weights, 0);
    }

    /**
     * One AdamW step (beta 0.9 and 0.999, epsilon 1e-8, no weight decay, bias corrected as in Kingma and Ba 2015,
     * section 2, last paragraph) on several batches as if they were one: gradients are added up, each label counts alike.
     *
     * @param batches at least one
     * @param learningRate above 0
     * @return the mean loss over all labels in nats, before the step
     * @throws EngineException if loss or gradients are not finite; the weights are then as they were before the step
     */
    float step(List<Batch> batches, float learningRate) throws EngineException;

    /** A step on one batch. */
    default float step(Batch batch, float learningRate) throws EngineException {
        return step(List.of(batch), learningRate);
    }

    /** A copy of the weights as they are now. */
    AdapterWeights weights() throws EngineException;

    /** Loss, prediction and its probability under the present weights; changes nothing. */
    Scores score(Batch batch) throws EngineException;

    /** Frees the native session. */
    @Override
    void close();
}
