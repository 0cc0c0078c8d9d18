package dev.coppice.adapters.runtime;

/**
 * What the model makes of one position.
 *
 * @param loss cross entropy of the true label in nats; 0 where the label is {@link Batch#IGNORED}
 * @param predicted the most probable id
 * @param probability of the predicted id, 0 to 1
 */
public record Score(float loss, int predicted, float probability) {}
