package dev.coppice.adapters.runtime;

import dev.coppice.adapters.AdapterWeights;

/**
 * One native session that trains adapters of one kit. Any number of adapters may take turns: {@link #load} leaves no
 * trace of the last one. One thread at a time. After {@link #close} every call throws {@link IllegalStateException};
 * closing twice is harmless.
 */
public interface TrainingEngine extends AutoCloseable {
    /**
     * Takes over these weights and forgets all optimizer state.
     *
     * @throws IllegalArgumentException if the layout is not the kit's
     */
    void load(AdapterWeights weights) throws EngineException;

    /**
     * One AdamW step (beta 0.9 and 0.999, epsilon 1e-8, no weight decay, bias corrected as in Kingma and Ba 2015,
     * section 2, last paragraph).
     *
     * @param learningRate above 0
     * @return the batch's mean loss in nats, before the step
     * @throws EngineException if loss or gradients are not finite; the weights are then as they were before the step
     */
    float step(Batch batch, float learningRate) throws EngineException;

    /** A copy of the weights as they are now. */
    AdapterWeights weights() throws EngineException;

    /** Loss, prediction and its probability under the present weights; changes nothing. */
    Scores score(Batch batch) throws EngineException;

    /** Frees the native session. */
    @Override
    void close();
}
