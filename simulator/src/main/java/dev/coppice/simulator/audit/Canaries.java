package dev.coppice.simulator.audit;

import dev.coppice.simulator.world.Dice;
import dev.coppice.simulator.world.SeededRandomSource;

/** Random directions, each made anew from its number whenever it is asked for. */
final class Canaries {
    private final SeededRandomSource random;
    private final int dimension;

    Canaries(SeededRandomSource random, int dimension) {
        this.random = random;
        this.dimension = dimension;
    }

    /** A vector of length {@code norm}, uniform among all directions; always the same for the same number. */
    float[] canary(int number, double norm) {
        Dice dice = new Dice(random.fork("canary/" + number));
        double[] values = new double[dimension];
        double squares = 0;
        for (int i = 0; i < dimension; i += 2) {
            double radius = Math.sqrt(-2 * Math.log(1 - dice.chance())); // Box and Muller: two Gaussians
            double angle = 2 * Math.PI * dice.chance();
            values[i] = radius * Math.cos(angle);
            squares += values[i] * values[i];
            if (i + 1 < dimension) {
                values[i + 1] = radius * Math.sin(angle);
                squares += values[i + 1] * values[i + 1];
            }
        }
        double factor = norm / Math.sqrt(squares);
        float[] canary = new float[dimension];
        for (int i = 0; i < dimension; i++) {
            canary[i] = (float) (values[i] * factor);
        }
        return canary;
    }

    /**
     * The cosine of what canary {@code number} puts into the sum and {@code released}; 0 where nothing was released.
     *
     * @param released maybe with one more value, of the count
     * @param norm that updates are clipped to
     * @param indicator what the canary, which is longer, takes off the count; 0 if nobody counts
     */
    double cosine(int number, double[] released, double norm, double indicator) {
        float[] canary = canary(number, norm);
        double product = 0;
        double squares = 0;
        for (int i = 0; i < released.length; i++) {
            product += (i < dimension ? canary[i] : -indicator) * released[i];
            squares += released[i] * released[i];
        }
        return squares == 0 ? 0 : product / (Math.sqrt(squares) * Math.hypot(norm, indicator));
    }
}
