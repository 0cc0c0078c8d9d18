package dev.coppice.crypto.privacy.accounting;

/** How the privacy loss of one release is distributed, with a person and without. */
interface PrivacyLoss {
    /** The loss moved to dots at every multiple of {@code step} that matters. */
    LossDots.Pair onLattice(double step);

    /**
     * The loss moved to some hundred dots of its own.
     *
     * @param fineness how many times as many there are; what dots add to a sum falls with its square
     */
    LossDots.Pair few(int fineness);

    /** Whether the loss without the person is distributed as that with it. */
    boolean isSymmetric();
}
