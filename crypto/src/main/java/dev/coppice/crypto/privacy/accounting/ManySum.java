package dev.coppice.crypto.privacy.accounting;

import dev.coppice.crypto.privacy.accounting.Cumulants.Part;
import java.util.List;
import java.util.Optional;

/**
 * Adds up many unlike losses, each on dots of its own: of the sum's Fourier series in a window, which so many make smooth,
 * only the first few coefficients differ from 0.
 */
final class ManySum {
    private static final int BATCH = 16;
    private static final int COEFFICIENTS_MAX = 32 * BATCH;

    /** A whole batch below it, and what follows is left out. */
    private static final double NEGLIGIBLE = 1e-13;

    private static final int DOTS = 1 << 13;

    private final List<Part> parts;
    private final double tilt;
    private final double turn;
    private final double[] logMagnitude = new double[COEFFICIENTS_MAX];
    private final double[] phase = new double[COEFFICIENTS_MAX];
    private final TurningWeights weights = new TurningWeights();
    private double logScale;

    private ManySum(List<Part> parts, double tilt, double width) {
        this.parts = parts;
        this.tilt = tilt;
        this.turn = 2 * Math.PI / width;
    }

    /** The sum, tilted, in a window; empty if it is not smooth. */
    static Optional<TiltedLosses> of(List<Part> parts, double tilt, LossWindow window) {
        ManySum sum = new ManySum(parts, tilt, window.width());
        int coefficients = 0;
        double largest = 1;
        while (largest > NEGLIGIBLE) {
            if (coefficients == COEFFICIENTS_MAX) {
                return Optional.empty();
            }
            largest = sum.addBatch(coefficients);
            coefficients += BATCH;
        }
        return Optional.of(sum.losses(coefficients, window));
    }

    /** Coefficients {@code start} and on, of all parts; returns the last one's magnitude. */
    private double addBatch(int start) {
        logScale = 0;
        for (Part part : parts) {
            add(part.dots(), part.count(), start);
        }
        return Math.exp(logMagnitude[start + BATCH - 1]);
    }

    private void add(LossDots dots, double count, int start) {
        double shift = tilt * dots.losses[dots.losses.length - 1];
        weights.begin(dots, tilt, shift, turn, start);
        logScale += count * (shift + Math.log(weights.weight()));
        for (int k = start; k < start + BATCH; k++) {
            weights.sum();
            logMagnitude[k] += count * Math.log(weights.magnitude());
            phase[k] += count * weights.phase();
            weights.turn();
        }
    }

    private TiltedLosses losses(int coefficients, LossWindow window) {
        double[] real = new double[DOTS];
        double[] imaginary = new double[DOTS];
        for (int k = 0; k < coefficients; k++) {
            double magnitude = Math.exp(logMagnitude[k]) / DOTS * (k == 0 ? 1 : 2);
            double angle = phase[k] - k * turn * window.from();
            real[k] = magnitude * Math.cos(angle);
            imaginary[k] = magnitude * Math.sin(angle);
        }
        new Fourier(DOTS).transform(real, imaginary);
        double[] tilted = new double[DOTS];
        double logFinite = 0;
        for (Part part : parts) {
            logFinite += part.count() * Math.log1p(-part.dots().infinite);
        }
        for (int i = 0; i < DOTS; i++) {
            tilted[i] = Math.max(0, real[i]);
        }
        double beyond = Math.exp(logScale - tilt * window.to() - LossWindow.NATS_OUTSIDE);
        double step = window.width() / DOTS;
        return new TiltedLosses(tilt, logScale, window.from(), step, tilted, -Math.expm1(logFinite) + beyond);
    }
}
