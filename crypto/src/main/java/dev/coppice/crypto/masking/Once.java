package dev.coppice.crypto.masking;

/** Lets one step be taken once. */
final class Once {
    private boolean used;

    /** @throws IllegalStateException on a second call */
    void use() {
        requireUnused();
        used = true;
    }

    /** @throws IllegalStateException if it was used, or closed */
    void requireUnused() {
        if (used) {
            throw new IllegalStateException("This step was taken before, or is closed");
        }
    }

    void close() {
        used = true;
    }
}
