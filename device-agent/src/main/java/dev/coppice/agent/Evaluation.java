package dev.coppice.agent;

/**
 * How well given weights do on given examples.
 *
 * @param examples how many were judged
 * @param positions labelled positions in them: one an example for classification, one a token for language models
 * @param accuracy share of positions where the likeliest answer is right, 0 to 1
 * @param loss mean over positions, in nats
 */
public record Evaluation(int examples, int positions, double accuracy, double loss) {}
