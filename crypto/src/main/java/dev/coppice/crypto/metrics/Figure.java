package dev.coppice.crypto.metrics;

/** What a device tells in a round of metrics, each from 0 to 1. The order is that of the vector: none is moved or taken out. */
public enum Figure {
    /** 1 if the device has tried the pack, or the candidate. */
    TRIED,
    /** 1 if it found it worse on its own examples, or went back from it since. */
    WENT_BACK,
    /** 1 if the app says that it crashed since. */
    CRASHED,
    /** 1 if it had examples of its own to judge by, none of which was trained on. */
    JUDGED,
    /** Share of those that were right with what the device used before. */
    RIGHT_BEFORE,
    /** Share that is right with it. */
    RIGHT_AFTER
}
