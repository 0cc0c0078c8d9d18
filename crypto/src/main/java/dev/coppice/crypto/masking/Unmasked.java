package dev.coppice.crypto.masking;

import dev.coppice.protocol.round.Unmasking;

/** A device that has done its part: all it still has is the last message, to be sent until it is taken. */
public final class Unmasked {
    private final Unmasking message;

    Unmasked(Unmasking message) {
        this.message = message;
    }

    public Unmasking message() {
        return message;
    }
}
