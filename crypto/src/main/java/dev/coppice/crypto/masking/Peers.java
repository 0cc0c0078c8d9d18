package dev.coppice.crypto.masking;

import dev.coppice.crypto.signing.VerifyingKey;

/**
 * How a device deals with the others of its rounds.
 *
 * @param authority key of the enrolment authority, whose certificates say who they are
 * @param reckoning with their keys
 */
public record Peers(VerifyingKey authority, Reckoning reckoning) {
    /** As a real device does, and a server. */
    public static Peers of(VerifyingKey authority) {
        return new Peers(authority, Reckoning.EACH_TIME);
    }
}
