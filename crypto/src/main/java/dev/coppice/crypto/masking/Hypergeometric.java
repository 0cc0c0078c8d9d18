package dev.coppice.crypto.masking;

/**
 * How many marked devices are among {@code drawn} out of {@code population} of which {@code marked} are: its tails, in
 * double precision and rounded to the safe side.
 */
final class Hypergeometric {
    /** Far above the error of the sums here, far below what matters to anyone. */
    private static final double OUTWARDS = 1 + 1e-9;

    private final int population;
    private final int marked;
    private final int drawn;

    Hypergeometric(int population, int marked, int drawn) {
        this.population = population;
        this.marked = marked;
        this.drawn = drawn;
    }

    /** The smallest x with P[X > x] below {@code bound}. */
    int upperQuantile(double bound) {
        double tail = 0; // P[X > x]
        int x = max();
        while (x > min()) {
            tail += Math.exp(logProbability(x)) * OUTWARDS;
            if (tail >= bound) {
                return x;
            }
            x--;
        }
        return x;
    }

    /** The largest x with P[X < x] at most {@code bound}. */
    int lowerQuantile(double bound) {
        double tail = 0; // P[X < x]
        int x = min();
        while (x < max()) {
            tail += Math.exp(logProbability(x)) * OUTWARDS;
            if (tail > bound) {
                return x;
            }
            x++;
        }
        return x;
    }

    private int min() {
        return Math.max(0, drawn + marked - population);
    }

    private int max() {
        return Math.min(marked, drawn);
    }

    private double logProbability(int x) {
        return logChoose(marked, x) + logChoose(population - marked, drawn - x) - logChoose(population, drawn);
    }

    private static double logChoose(int from, int count) {
        return LogGamma.logFactorial(from) - LogGamma.logFactorial(count) - LogGamma.logFactorial(from - count);
    }
}
