package dev.coppice.agent;

/** Why a personal adapter should be trained now. */
public enum PersonalizationDue {
    /** It never was, or all was forgotten since. */
    NEVER_TRAINED,
    /** Another skill pack is installed than when it was trained. */
    OTHER_PACK,
    /** There are a quarter more examples, and at least ten. */
    MORE_EXAMPLES,
    /** The newest examples are answered worse than those it was judged by, beyond chance (a level of 0.05). */
    DRIFTED
}
