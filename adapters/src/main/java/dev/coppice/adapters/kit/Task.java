package dev.coppice.adapters.kit;

/** What is learned. */
public enum Task {
    /** The next token; loss is the mean cross entropy over labelled positions. */
    CAUSAL_LM,
    /** One of the labels for a whole text; loss is the mean cross entropy over labelled rows. */
    TEXT_CLASSIFICATION,
    /** Both at once with every weight trained: how a base model is made. Loss is the sum of the two. */
    PRETRAINING
}
