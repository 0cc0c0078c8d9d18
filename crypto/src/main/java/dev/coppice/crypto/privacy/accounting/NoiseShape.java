package dev.coppice.crypto.privacy.accounting;

import java.util.Arrays;

/** The distribution of a noise: symmetric around 0 and log-concave, so that a shift's likelihood ratio only rises. */
interface NoiseShape {
    /** The probability to be above {@code x}. */
    double above(double x);

    /** The logarithm of the density of the noise shifted by {@code shift} over that of the noise, at {@code x}. */
    double logRatio(double x, double shift);

    /** The x, least where there are several, from which on {@link #logRatio} is above {@code logRatio}; may be infinite. */
    double place(double logRatio, double shift);

    /** Beyond it, on either side, there is less than e^-80 of the noise or the ratio does not change. */
    double reach();

    /**
     * Some hundred places, {@code fineness} times over, from where the noise begins to where the noise shifted by
     * {@code shift} ends, ascending.
     */
    double[] fewPlaces(double shift, int fineness);

    /**
     * The probabilities of the noise shifted by {@code shift} below the first place, between each two, and above the last,
     * with their digits kept in both tails.
     */
    default double[] between(double[] places, double shift) {
        double[] parts = new double[places.length + 1];
        double before = Double.NEGATIVE_INFINITY;
        double tailBefore = 0;
        for (int i = 0; i <= places.length; i++) {
            double x = i < places.length ? places[i] - shift : Double.POSITIVE_INFINITY;
            double tail = Double.isInfinite(x) ? 0 : above(Math.abs(x));
            double part;
            if (before >= 0) {
                part = tailBefore - tail;
            } else if (x <= 0) {
                part = tail - tailBefore;
            } else {
                part = 1 - tail - tailBefore;
            }
            parts[i] = Math.max(0, part);
            before = x;
            tailBefore = tail;
        }
        return parts;
    }

    /** Gaussian noise. */
    record OfNormal(double deviation) implements NoiseShape {
        private static final double DEVIATIONS = 12.6;
        private static final double CORE = 6;
        private static final double FINE = 1 / 28.0;
        private static final double COARSE = 1 / 3.0;

        @Override
        public double above(double x) {
            return Normal.above(x / deviation);
        }

        @Override
        public double logRatio(double x, double shift) {
            return shift * (2 * x - shift) / (2 * deviation * deviation);
        }

        @Override
        public double place(double logRatio, double shift) {
            return deviation * deviation * logRatio / shift + shift / 2;
        }

        @Override
        public double reach() {
            return DEVIATIONS * deviation;
        }

        @Override
        public double[] fewPlaces(double shift, int fineness) {
            double from = -deviation; // below it, a sample's loss hardly changes
            double to = shift + CORE * deviation;
            int before = (int) Math.ceil((from + reach()) / (deviation * COARSE) * fineness);
            int fine = (int) Math.ceil((to - from) / (deviation * FINE) * fineness);
            int after = (int) Math.ceil((shift + reach() - to) / (deviation * COARSE) * fineness);
            double[] places = new double[before + fine + after + 1];
            for (int i = 0; i < places.length; i++) {
                if (i < before) {
                    places[i] = -reach() + (from + reach()) * i / before;
                } else if (i < before + fine) {
                    places[i] = from + (to - from) * (i - before) / fine;
                } else {
                    places[i] = to + (shift + reach() - to) * (i - before - fine) / after;
                }
            }
            return places;
        }
    }

    /** Laplace noise. */
    record OfLaplace(double scale) implements NoiseShape {
        private static final int STEPS = 200;

        @Override
        public double above(double x) {
            return x > 0 ? 0.5 * Math.exp(-x / scale) : 1 - 0.5 * Math.exp(x / scale);
        }

        @Override
        public double logRatio(double x, double shift) {
            return (Math.abs(x) - Math.abs(x - shift)) / scale;
        }

        @Override
        public double place(double logRatio, double shift) {
            double inside = (logRatio * scale + shift) / 2;
            if (inside < 0) {
                return Double.NEGATIVE_INFINITY;
            }
            return inside < shift ? inside : Double.POSITIVE_INFINITY;
        }

        @Override
        public double reach() {
            return 0;
        }

        @Override
        public double[] fewPlaces(double shift, int fineness) {
            double[] places = new double[STEPS * fineness + 1];
            Arrays.setAll(places, i -> shift * i / (STEPS * fineness));
            return places;
        }
    }
}
