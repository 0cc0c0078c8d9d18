package dev.coppice.adapters.kit;

/** What is learned. */
public enum Task {
    /** The next token; loss is the mean cross entropy over labelled positions. */
    CAUSAL_LM,
    /** Tokens that were masked, at their own positions; loss is the mean cross entropy over labelled positions. */
    MASKED_LM,
    /** One of the labels for a whole text; loss is the mean cross entropy over labelled rows. */
    TEXT_CLASSIFICATION,
    /** Next tokens and labels at once with every weight trained: how a base model is made. Loss is the sum of the two. */
    PRETRAINING;

    /** Whether tokens are predicted. */
    public boolean hasTokens() {
        return this != TEXT_CLASSIFICATION;
    }

    /** Whether texts have labels. */
    public boolean hasLabels() {
        return this == TEXT_CLASSIFICATION || this == PRETRAINING;
    }
}
