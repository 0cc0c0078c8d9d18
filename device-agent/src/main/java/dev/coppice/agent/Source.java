package dev.coppice.agent;

/** Whose weights answer. */
public enum Source {
    /** The base model as it came. */
    BASE,
    /** The installed skill pack. */
    PACK,
    /** The personal adapter. */
    PERSONAL,
    /** The adapter that the latest assigned round trains from; for measuring only. */
    CANDIDATE
}
