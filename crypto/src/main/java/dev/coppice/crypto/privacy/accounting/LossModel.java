package dev.coppice.crypto.privacy.accounting;

/**
 * A privacy loss that rises with what is released: the logarithm of the density with a person over that without.
 */
interface LossModel extends PrivacyLoss {
    /** From here on, {@code exp(x) - 1} is {@code exp(x)} to a double's last digit or so. */
    double LARGE = 30;

    /** The loss where {@code x} is released. */
    double loss(double x);

    /** The x from which on the loss is above {@code loss}; infinite if it is so everywhere or nowhere. */
    double place(double loss);

    /** The least x that matters. */
    double from();

    /** The largest x that matters. */
    double to();

    /** The probabilities of what lies below the first place, between each two, and above the last. */
    Parts parts(double[] places);

    /** Probabilities with the person, and without. */
    final class Parts {
        final double[] with;
        final double[] without;

        Parts(double[] with, double[] without) {
            this.with = with;
            this.without = without;
        }
    }

    /** Some hundred places, {@code fineness} times over, from {@link #from} to {@link #to}, ascending. */
    double[] fewPlaces(int fineness);

    @Override
    default LossDots.Pair onLattice(double step) {
        return LossDots.onLattice(this, step);
    }

    @Override
    default LossDots.Pair few(int fineness) {
        return LossDots.few(this, fineness);
    }

    /** {@code log(1 - rate + rate exp(logRatio))}: of a sample that a person is in with probability {@code rate}. */
    static double logSampled(double logRatio, double rate) {
        return logRatio > LARGE
                ? logRatio + Math.log(rate) + Math.log1p((1 - rate) / rate * Math.exp(-logRatio))
                : Math.log1p(rate * Math.expm1(logRatio));
    }
}
