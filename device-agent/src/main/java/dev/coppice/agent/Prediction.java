package dev.coppice.agent;

/**
 * The model's answer to a text.
 *
 * @param label the likeliest label, or the likeliest next piece of text for a language model
 * @param probability of that label, 0 to 1
 * @param source whose weights answered
 */
public record Prediction(String label, double probability, Source source) {}
