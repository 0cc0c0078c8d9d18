package dev.coppice.crypto.privacy.accounting;

/**
 * The masses of a loss's dots, tilted, each of which turns by an angle of its own: {@code w exp(i k a)} for one k after the
 * other, whose sums are the coefficients of a Fourier series. Both components follow
 * {@code x[k + 1] = 2 cos(a) x[k] - x[k - 1]}. Used for many losses, so that nothing is allocated in between.
 */
final class TurningWeights {
    /** Up to it, the first term that the two series leave out is below half of a double's last digit. */
    private static final double SMALL_ANGLE = 0.25;

    private double[] twiceCosine = new double[0];
    private double[] x = new double[0];
    private double[] y = new double[0];
    private double[] xBefore = new double[0];
    private double[] yBefore = new double[0];
    private int size;
    private double weight;
    private double real;
    private double imaginary;

    /**
     * Begins with other losses, at {@code k}.
     *
     * @param shift of the logarithms of the weights, so that none is too large
     * @param turn what a loss is multiplied by for its angle
     */
    void begin(LossDots dots, double tilt, double shift, double turn, int k) {
        size = dots.losses.length;
        if (x.length < size) {
            twiceCosine = new double[size];
            x = new double[size];
            y = new double[size];
            xBefore = new double[size];
            yBefore = new double[size];
        }
        weight = 0;
        for (int i = 0; i < size; i++) {
            double mass = dots.masses[i] * Math.exp(tilt * dots.losses[i] - shift);
            double angle = turn * dots.losses[i];
            double square = angle * angle;
            // Most losses are small in the sum's window.
            boolean isSmall = square < SMALL_ANGLE * SMALL_ANGLE;
            double cosine = isSmall ? cosineOfSmall(square) : Math.cos(angle);
            double sine = isSmall ? angle * sineOverSmall(square) : Math.sin(angle);
            weight += mass;
            twiceCosine[i] = 2 * cosine;
            x[i] = k == 0 ? mass : mass * Math.cos(k * angle);
            y[i] = k == 0 ? 0 : mass * Math.sin(k * angle);
            xBefore[i] = x[i] * cosine + y[i] * sine;
            yBefore[i] = y[i] * cosine - x[i] * sine;
        }
    }

    /** The sum of the weights. */
    double weight() {
        return weight;
    }

    /** The size of the sum at the present k, over {@link #weight}. */
    double magnitude() {
        return Math.hypot(real, imaginary) / weight;
    }

    /** The angle of the sum at the present k. */
    double phase() {
        return Math.atan2(imaginary, real);
    }

    /** Sums up the present k, two sums at a time, so that no addition waits for the one before. */
    void sum() {
        double evenReal = 0;
        double evenImaginary = 0;
        double oddReal = 0;
        double oddImaginary = 0;
        int pairs = size & ~1;
        for (int i = 0; i < pairs; i += 2) {
            evenReal += x[i];
            evenImaginary += y[i];
            oddReal += x[i + 1];
            oddImaginary += y[i + 1];
        }
        if (pairs < size) {
            evenReal += x[pairs];
            evenImaginary += y[pairs];
        }
        real = evenReal + oddReal;
        imaginary = evenImaginary + oddImaginary;
    }

    /** Goes on to the next k. */
    void turn() {
        step(x, xBefore);
        step(y, yBefore);
        double[] swap = x;
        x = xBefore;
        xBefore = swap;
        swap = y;
        y = yBefore;
        yBefore = swap;
    }

    private void step(double[] now, double[] before) {
        double[] twice = twiceCosine;
        for (int i = 0; i < size; i++) {
            before[i] = twice[i] * now[i] - before[i];
        }
    }

    private static double cosineOfSmall(double square) {
        return 1 - square / 2 * (1 - square / 12 * (1 - square / 30 * (1 - square / 56 * (1 - square / 90))));
    }

    private static double sineOverSmall(double square) {
        return 1 - square / 6 * (1 - square / 20 * (1 - square / 42 * (1 - square / 72 * (1 - square / 110))));
    }
}
