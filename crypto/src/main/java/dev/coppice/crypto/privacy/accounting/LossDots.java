package dev.coppice.crypto.privacy.accounting;

import java.util.Arrays;

/**
 * A privacy loss distribution that has been moved to finitely many losses, its dots, so that no delta is less than that of
 * the release: what lies between two dots is dealt out to both so that the probabilities with the person and those without
 * stay as they are. Delta, as a function of {@code exp(epsilon)}, is then the curve's dots joined by straight lines, and
 * the curve is convex (Doroshenko et al. 2022, "Connect the dots").
 *
 * <p>What lies above the last dot is partly made an infinite loss, and what lies below the first is moved up to it.
 */
final class LossDots {
    private static final double ROUNDING = 1e-14;

    final double[] losses;
    final double[] masses;
    final double infinite;

    private LossDots(double[] losses, double[] masses, double infinite) {
        this.losses = losses;
        this.masses = masses;
        this.infinite = infinite;
    }

    /** Both directions: of a person that is there, and of one that is not. */
    record Pair(LossDots removed, LossDots added) {
        /** The dots of {@code first}, whose masses are given {@code weight}, and those of {@code second}, given the rest. */
        static Pair mixed(Pair first, double weight, Pair second) {
            return new Pair(
                    LossDots.mixed(first.removed, weight, second.removed),
                    LossDots.mixed(first.added, weight, second.added));
        }
    }

    private static LossDots mixed(LossDots first, double weight, LossDots second) {
        int firsts = first.losses.length;
        double[] losses = new double[firsts + second.losses.length];
        double[] masses = new double[losses.length];
        int i = 0;
        for (int k = 0; k < losses.length; k++) {
            int j = k - i;
            boolean takesFirst = j == second.losses.length || (i < firsts && first.losses[i] <= second.losses[j]);
            losses[k] = takesFirst ? first.losses[i] : second.losses[j];
            masses[k] = takesFirst ? weight * first.masses[i++] : (1 - weight) * second.masses[j];
        }
        return new LossDots(losses, masses, weight * first.infinite + (1 - weight) * second.infinite);
    }

    /** Dots at every multiple of {@code step} that matters. */
    static Pair onLattice(LossModel model, double step) {
        long first = (long) Math.floor(model.loss(model.from()) / step) - 1;
        long last = (long) Math.ceil(model.loss(model.to()) / step) + 1;
        double[] losses = new double[(int) (last - first + 1)];
        double[] places = new double[losses.length];
        for (int i = 0; i < losses.length; i++) {
            losses[i] = (first + i) * step;
            places[i] = model.place(losses[i]);
        }
        return of(model, places, losses);
    }

    /** A few hundred dots, {@code fineness} times over, close together where the loss changes little and where most of the noise is. */
    static Pair few(LossModel model, int fineness) {
        double[] places = model.fewPlaces(fineness);
        double[] losses = new double[places.length];
        Arrays.setAll(losses, i -> model.loss(places[i]));
        return of(model, places, losses);
    }

    /** @param places ascending: the loss is at most {@code losses[i]} up to {@code places[i]}, and above it beyond */
    private static Pair of(LossModel model, double[] places, double[] losses) {
        int dots = losses.length;
        LossModel.Parts parts = model.parts(places);
        double[] with = parts.with; // what lies below dot i and above the one before
        double[] without = parts.without;
        double[] masses = new double[dots];
        masses[0] = with[0];
        for (int i = 1; i < dots; i++) {
            double low = losses[i - 1];
            double gap = losses[i] - low;
            double upper = (with[i] - without[i] * Math.exp(low)) / -Math.expm1(-gap);
            upper = gap > 0 ? Math.min(with[i], Math.max(0, upper)) : with[i];
            masses[i] += upper;
            masses[i - 1] += with[i] - upper;
        }
        double[] otherLosses = new double[dots];
        double[] otherMasses = new double[dots];
        for (int i = 0; i < dots; i++) {
            otherLosses[dots - 1 - i] = -losses[i];
            otherMasses[dots - 1 - i] = masses[i] * Math.exp(-losses[i]);
        }
        double last = without[dots] * Math.exp(losses[dots - 1]);
        masses[dots - 1] += Math.min(last, with[dots]);
        otherMasses[0] += without[dots];
        return new Pair(
                new LossDots(losses, masses, remainder(with[dots], last)),
                new LossDots(otherLosses, otherMasses, remainder(without[0], with[0] * Math.exp(-losses[0]))));
    }

    /** What is left over of a tail; nothing where only rounding is. */
    private static double remainder(double tail, double dealtOut) {
        double rest = tail - dealtOut;
        return rest > ROUNDING * tail ? rest : 0;
    }
}
