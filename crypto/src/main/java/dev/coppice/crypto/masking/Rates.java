package dev.coppice.crypto.masking;

/** Shares of a cohort as whole devices. */
final class Rates {
    /** So that 0.29 of 100 is 29, although the product of the doubles is a hair below. */
    private static final double HAIR = 1e-9;

    private Rates() {}

    /** The most whole devices that are no more than {@code rate} of {@code size}. */
    static int floor(double rate, int size) {
        return (int) Math.floor(rate * size + HAIR);
    }
}
