package dev.coppice.simulator.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A linear scale from values to pixels with round tick values.
 *
 * @param from pixel of {@code low}
 * @param to pixel of {@code high}; smaller than {@code from} on an axis that points up
 */
record Axis(double low, double high, double step, double from, double to) {
    /** An axis that covers [{@code low}, {@code high}] with about {@code ticks} steps of 1, 2 or 5 times a power of ten. */
    static Axis covering(double low, double high, int ticks, double from, double to) {
        double span = high > low ? high - low : Math.max(Math.abs(high), 1) * 0.1;
        double raw = span / ticks;
        double power = Math.pow(10, Math.floor(Math.log10(raw)));
        double step = power * (raw / power > 5 ? 10 : raw / power > 2 ? 5 : raw / power > 1 ? 2 : 1);
        return new Axis(
                Math.floor(low / step + 1e-9) * step, Math.ceil((low + span) / step - 1e-9) * step, step, from, to);
    }

    double at(double value) {
        return from + (value - low) / (high - low) * (to - from);
    }

    List<Double> ticks() {
        List<Double> ticks = new ArrayList<>();
        long count = Math.round((high - low) / step);
        for (int i = 0; i <= count; i++) {
            double tick = low + i * step;
            ticks.add(Math.abs(tick) < step * 1e-6 ? 0.0 : tick);
        }
        return ticks;
    }
}
