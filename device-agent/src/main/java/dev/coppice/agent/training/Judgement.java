package dev.coppice.agent.training;

/**
 * How well given weights do on given examples.
 *
 * @param positions labelled positions: one an example for classification, one a token for language models
 * @param accuracy share of positions where the likeliest answer is right, 0 to 1; NaN if there are no positions
 * @param loss mean over positions, in nats; NaN if there are none
 */
public record Judgement(int positions, double accuracy, double loss) {}
