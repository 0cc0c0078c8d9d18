package dev.coppice.crypto.privacy.accounting;

import dev.coppice.crypto.privacy.accounting.Cumulants.Part;
import java.util.List;

/**
 * Where a tilted sum of losses lies, but for {@code exp(-}{@link #NATS_OUTSIDE}{@code )} of it on either side, by
 * Chernoff's bound.
 *
 * @param deviation of the tilted sum
 */
record LossWindow(double from, double to, double deviation) {
    static final double NATS_OUTSIDE = 28;

    static LossWindow of(List<Part> parts, double tilt) {
        Cumulants at = Cumulants.of(parts, tilt);
        double deviation = Math.sqrt(at.variance());
        double least = 0;
        double largest = 0;
        for (Part part : parts) {
            double[] losses = part.dots().losses;
            least += part.count() * losses[0];
            largest += part.count() * losses[losses.length - 1];
        }
        double unit = Math.sqrt(2 * NATS_OUTSIDE) / Math.max(deviation, 1e-300);
        for (double factor = 1.0 / 256; factor <= 4; factor *= 1.5) {
            double more = factor * unit;
            double above = (Cumulants.of(parts, tilt + more).log() - at.log() + NATS_OUTSIDE) / more;
            double below = (at.log() - Cumulants.of(parts, tilt - more).log() - NATS_OUTSIDE) / more;
            largest = Math.min(largest, above);
            least = Math.max(least, below);
        }
        return new LossWindow(Math.min(least, at.mean()), Math.max(largest, at.mean()), deviation);
    }

    double width() {
        return to - from;
    }
}
