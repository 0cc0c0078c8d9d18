package dev.coppice.crypto.privacy.accounting;

/**
 * The loss of a release that is made in one of two ways, of which it is told which: of {@code first} with the probability
 * {@code weight}, and of {@code second} else.
 *
 * @param weight above 0, below 1
 */
record MixedLoss(PrivacyLoss first, double weight, PrivacyLoss second) implements PrivacyLoss {
    @Override
    public LossDots.Pair onLattice(double step) {
        return LossDots.Pair.mixed(first.onLattice(step), weight, second.onLattice(step));
    }

    @Override
    public LossDots.Pair few(int fineness) {
        return LossDots.Pair.mixed(first.few(fineness), weight, second.few(fineness));
    }

    @Override
    public boolean isSymmetric() {
        return first.isSymmetric() && second.isSymmetric();
    }
}
