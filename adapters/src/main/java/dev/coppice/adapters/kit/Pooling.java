package dev.coppice.adapters.kit;

/** Which position's hidden state a new classification head reads, where the model has no output {@code pooled}. */
public enum Pooling {
    /** The last real token: all that a causal language model has seen of the text. */
    LAST_TOKEN,
    /** The first token, which masked language models keep for the text as a whole. */
    FIRST_TOKEN
}
