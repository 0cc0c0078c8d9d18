package dev.coppice.adapters.inference;

/**
 * The token that a language model holds likeliest.
 *
 * @param text what it adds to the text; may be part of a character
 * @param probability 0 to 1
 */
public record NextToken(String text, double probability) {}
