package dev.coppice.simulator.report;

import java.util.List;
import java.util.Locale;

/** One drawing of {@link #WIDTH} by {@link #HEIGHT} pixels that grows element by element. Colours come from the page. */
final class Svg {
    static final int WIDTH = 480;
    static final int HEIGHT = 270;
    static final int LEFT = 46;
    static final int RIGHT = WIDTH - 12;
    static final int TOP = 26;
    static final int BOTTOM = HEIGHT - 40;

    private final StringBuilder text = new StringBuilder();

    /** @param label what a screen reader says instead of the drawing */
    Svg(String label) {
        text.append(String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
                WIDTH,
                HEIGHT,
                Html.escape(label)));
    }

    Svg line(String style, double x1, double y1, double x2, double y2) {
        text.append(String.format(
                Locale.ROOT,
                "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>%n",
                style,
                x1,
                y1,
                x2,
                y2));
        return this;
    }

    Svg label(String style, double x, double y, String words) {
        text.append(String.format(
                Locale.ROOT, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\">%s</text>%n", style, x, y, Html.escape(words)));
        return this;
    }

    /** @param tooltip shown when the pointer rests on it */
    Svg bar(String style, double x, double y, double width, double height, String tooltip) {
        text.append(String.format(
                Locale.ROOT,
                "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"1.5\"><title>%s</title></rect>%n",
                style,
                x,
                y,
                Math.max(0, width),
                Math.max(0, height),
                Html.escape(tooltip)));
        return this;
    }

    Svg dot(String style, double x, double y, String tooltip) {
        text.append(String.format(
                Locale.ROOT,
                "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\"><title>%s</title></circle>%n",
                style,
                x,
                y,
                Html.escape(tooltip)));
        return this;
    }

    /** @param points x and y in turn */
    Svg polyline(String style, List<Double> points) {
        return through("polyline", style, points);
    }

    /**
     * A filled area.
     *
     * @param points x and y in turn
     */
    Svg polygon(String style, List<Double> points) {
        return through("polygon", style, points);
    }

    private Svg through(String element, String style, List<Double> points) {
        StringBuilder path = new StringBuilder();
        for (int i = 0; i + 1 < points.size(); i += 2) {
            path.append(String.format(Locale.ROOT, "%.1f,%.1f ", points.get(i), points.get(i + 1)));
        }
        text.append(String.format(
                Locale.ROOT,
                "<%s class=\"%s\" points=\"%s\"/>%n",
                element,
                style,
                path.toString().trim()));
        return this;
    }

    /** Horizontal grid lines with their values. */
    Svg grid(Axis y, String unit) {
        for (double tick : y.ticks()) {
            line("grid", LEFT, y.at(tick), RIGHT, y.at(tick));
            label("tick end", LEFT - 6, y.at(tick) + 4, Figures.plain(tick) + unit);
        }
        return this;
    }

    /** What the values at the grid lines are, above the topmost. */
    Svg yLabel(String words) {
        return label("tick", 2, TOP - 14, words);
    }

    Svg xLabel(String words) {
        return label("tick middle", (LEFT + RIGHT) / 2.0, HEIGHT - 6, words);
    }

    @Override
    public String toString() {
        return text + "</svg>";
    }
}
