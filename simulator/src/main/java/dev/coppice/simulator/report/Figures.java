package dev.coppice.simulator.report;

import java.util.Locale;

/** Numbers as people read them, the same on the terminal and in the report. */
final class Figures {
    private Figures() {}

    static String percent(double fraction) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * fraction);
    }

    static String points(double difference) {
        return String.format(Locale.ROOT, "%+.1f", 100 * difference);
    }

    static String loss(double nats) {
        return String.format(Locale.ROOT, "%.3f", nats);
    }

    static String bytes(long count) {
        if (count < 10_000) {
            return count + " B";
        }
        return count < 10_000_000
                ? String.format(Locale.ROOT, "%.0f kB", count / 1e3)
                : String.format(Locale.ROOT, "%.1f MB", count / 1e6);
    }

    static String seconds(double seconds) {
        return seconds < 90
                ? String.format(Locale.ROOT, "%.1f s", seconds)
                : String.format(Locale.ROOT, "%.0f min %02.0f s", Math.floor(seconds / 60), Math.floor(seconds % 60));
    }

    static String rate(double perSecond) {
        return String.format(Locale.ROOT, perSecond < 10 ? "%.1f" : "%.0f", perSecond);
    }

    static String epsilon(double epsilon) {
        return String.format(Locale.ROOT, "%.2f", epsilon);
    }

    static String delta(double delta) {
        return String.format(Locale.ROOT, "%.0e", delta).replace("e-0", "e-");
    }

    /** As JSON and axes want them: no more digits than they are worth. */
    static String plain(double value) {
        String text = String.format(Locale.ROOT, "%.2f", value);
        return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
    }
}
