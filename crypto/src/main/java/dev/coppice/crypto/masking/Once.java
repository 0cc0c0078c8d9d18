package dev.coppice.crypto.masking;

/** Lets one step be taken once. */
final class Once {
    private boolean used;

    /** @throws IllegalStateException on a second call */
    void use() {
        if (used) {
            throw new IllegalStateException("This step was taken before, or is closed");
        }
        used = true;
    }

    void close() {
        used = true;
    }
}
