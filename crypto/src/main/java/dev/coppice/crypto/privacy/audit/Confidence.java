package dev.coppice.crypto.privacy.audit;

/** How sure a bound is. */
final class Confidence {
    private Confidence() {}

    /** The probability that a bound of this confidence is wrong. */
    static double chance(double confidence) {
        if (!(confidence > 0 && confidence < 1)) {
            throw new IllegalArgumentException("A confidence is above 0 and below 1, not " + confidence);
        }
        return 1 - confidence;
    }
}
