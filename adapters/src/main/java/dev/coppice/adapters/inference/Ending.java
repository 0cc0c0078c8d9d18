package dev.coppice.adapters.inference;

/** Why a generated text ended. */
public enum Ending {
    /** The model said so. */
    END_TOKEN,
    /** A stop text came; neither it nor what follows is told. */
    STOP_TEXT,
    /** As many tokens as were asked for. */
    TOKENS_MAX,
    /** The model can read no longer text. */
    LENGTH_MAX,
    CANCELLED
}
