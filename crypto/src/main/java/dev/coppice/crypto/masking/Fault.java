package dev.coppice.crypto.masking;

/**
 * What a device did wrong with shares, as signed messages prove: the sharer signed its commitments, and who released a share
 * signed the request that it came in.
 *
 * @param device index of who did it
 * @param other index of the device that it concerned; the same device where it concerned all
 */
public record Fault(int device, int other, Kind kind) {
    /** What it did. */
    public enum Kind {
        /** Released a share that its owner had not committed to. */
        WRONG_SHARE_RELEASED,
        /** Sealed something else than it committed to: the key that it committed to opens it. */
        WRONG_SHARE_SEALED,
        /** Complained of a share that is as it was committed to. */
        FALSE_COMPLAINT,
        /** Committed to shares that do not belong together, or not to the secret that it advertised. */
        SHARES_INCONSISTENT,
        /** Encapsulated to a neighbour's masking key by another seed than its secret gives. */
        WRONG_ENCAPSULATION
    }
}
