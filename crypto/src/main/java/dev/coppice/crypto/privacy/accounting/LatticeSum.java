package dev.coppice.crypto.privacy.accounting;

import java.util.Arrays;
import java.util.List;

/**
 * Adds up losses whose dots are multiples of one step, by the Fourier transform of each, modulo a window: what lies outside
 * of it comes in at its other end, so it must be little.
 */
final class LatticeSum {
    /** Nats below which a coefficient is 0. */
    private static final double NEGLIGIBLE = -50;

    private final double step;
    private final Fourier fourier;
    private final int size;
    private final double[] logMagnitude;
    private final double[] phase;
    private double logScale;
    private double logFinite; // of the probability that no loss is infinite

    LatticeSum(double step, int size) {
        this.step = step;
        this.size = size;
        this.fourier = new Fourier(size);
        this.logMagnitude = new double[size];
        this.phase = new double[size];
    }

    /** The sum of {@code parts}, tilted, in the window from {@code from} on. */
    static TiltedLosses of(List<Cumulants.Part> parts, double tilt, LossWindow window, double step) {
        int dots = (int) Math.ceil(window.width() / step) + 2;
        LatticeSum sum = new LatticeSum(step, Math.max(2, Integer.highestOneBit(dots - 1) << 1));
        for (Cumulants.Part part : parts) {
            sum.add(part.dots(), part.count(), tilt);
        }
        return sum.losses(tilt, window.from());
    }

    private void add(LossDots dots, double count, double tilt) {
        double[] real = new double[size];
        double[] imaginary = new double[size];
        double shift = tilt * dots.losses[dots.losses.length - 1];
        double sum = 0;
        for (int i = 0; i < dots.losses.length; i++) {
            double weight = dots.masses[i] * Math.exp(tilt * dots.losses[i] - shift);
            sum += weight;
            real[(int) Math.floorMod(Math.round(dots.losses[i] / step), (long) size)] += weight;
        }
        logScale += count * (shift + Math.log(sum));
        logFinite += count * Math.log1p(-dots.infinite);
        fourier.transform(real, imaginary);
        for (int k = 0; k <= size / 2; k++) {
            if (logMagnitude[k] > NEGLIGIBLE) {
                double square = (real[k] * real[k] + imaginary[k] * imaginary[k]) / (sum * sum);
                logMagnitude[k] += count * 0.5 * Math.log(square);
                phase[k] += logMagnitude[k] > NEGLIGIBLE ? count * Math.atan2(imaginary[k], real[k]) : 0;
            }
        }
    }

    private TiltedLosses losses(double tilt, double from) {
        long first = (long) Math.floor(from / step);
        double[] real = new double[size];
        double[] imaginary = new double[size];
        for (int k = 0; k <= size / 2; k++) {
            if (logMagnitude[k] <= NEGLIGIBLE) {
                continue;
            }
            double magnitude = Math.exp(logMagnitude[k]) / size;
            real[k] = magnitude * Math.cos(phase[k]);
            imaginary[k] = -magnitude * Math.sin(phase[k]);
            real[(size - k) % size] = real[k];
            imaginary[(size - k) % size] = k == 0 || 2 * k == size ? imaginary[k] : -imaginary[k];
        }
        fourier.transform(real, imaginary); // of the conjugate, so that it is the inverse
        double[] tilted = new double[size];
        int offset = (int) Math.floorMod(first, (long) size);
        Arrays.setAll(tilted, i -> Math.max(0, real[(offset + i) % size]));
        double beyond = Math.exp(logScale - tilt * (first + size) * step - LossWindow.NATS_OUTSIDE);
        return new TiltedLosses(tilt, logScale, first * step, step, tilted, -Math.expm1(logFinite) + beyond);
    }
}
