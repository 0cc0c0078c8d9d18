package dev.coppice.adapters.autodiff;

/** Whether a backward pass keeps what the forward pass computed or computes it again. */
public enum Recomputation {
    /** Everything is kept: fastest. */
    NEVER,
    /** Only what passes from one part of the model to the next is kept: about a third more work, far less memory. */
    ALWAYS,
    /** As the size of the model asks for: {@link #ALWAYS} where more than {@link #KEPT_BYTES_MAX} would be kept. */
    AUTOMATIC;

    /** What may be kept for the backward pass. */
    public static final long KEPT_BYTES_MAX = 256L << 20;

    boolean isWanted(long keptBytes) {
        return this == ALWAYS || (this == AUTOMATIC && keptBytes > KEPT_BYTES_MAX);
    }
}
