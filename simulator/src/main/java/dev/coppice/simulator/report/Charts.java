package dev.coppice.simulator.report;

import dev.coppice.simulator.report.RunReport.CurvePoint;
import dev.coppice.simulator.report.RunReport.RoundFigures;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** The drawings of the report. */
final class Charts {
    private static final int TICKS = 5;
    private static final List<String> STEPS = List.of("advertise", "shares", "masked input", "attest", "unmask");

    private Charts() {}

    /** Accuracy in per cent over rounds, with the base model as a dashed line. */
    static String accuracyCurve(List<CurvePoint> curve) {
        return curve("Held-out accuracy over rounds", curve, point -> 100 * point.accuracy(), " %", "accuracy");
    }

    static String lossCurve(List<CurvePoint> curve) {
        return curve("Held-out loss over rounds", curve, CurvePoint::loss, "", "loss");
    }

    private static String curve(
            String name, List<CurvePoint> curve, ToDoubleFunction<CurvePoint> value, String unit, String style) {
        Svg svg = new Svg(name);
        if (curve.isEmpty()) {
            return svg.xLabel("nothing was measured").toString();
        }
        double low = curve.stream().mapToDouble(value).min().orElse(0);
        double high = curve.stream().mapToDouble(value).max().orElse(1);
        Axis y = Axis.covering(low, high, TICKS, Svg.BOTTOM, Svg.TOP);
        Axis x = rounds(curve.getLast().round());
        svg.grid(y, unit).yLabel(unit.isEmpty() ? style + ", nats" : style);
        double base = value.applyAsDouble(curve.getFirst());
        svg.line("dashed", Svg.LEFT, y.at(base), Svg.RIGHT, y.at(base));
        List<Double> points = new ArrayList<>();
        for (CurvePoint point : curve) {
            Collections.addAll(points, x.at(point.round()), y.at(value.applyAsDouble(point)));
        }
        svg.polyline("line " + style, points);
        for (CurvePoint point : curve) {
            double shown = value.applyAsDouble(point);
            svg.dot(
                    "dot " + style,
                    x.at(point.round()),
                    y.at(shown),
                    String.format(Locale.ROOT, "after round %d: %.3f%s", point.round(), shown, unit));
        }
        return roundTicks(svg, x).toString();
    }

    /** How many devices gained how much, in percentage points of their own held-out accuracy. */
    static String gains(String name, List<Double> gains, String style) {
        Svg svg = new Svg(name);
        if (gains.isEmpty()) {
            return svg.xLabel("nothing was measured").toString();
        }
        double reach =
                Math.max(0.05, gains.stream().mapToDouble(Math::abs).max().orElse(1));
        Axis x = Axis.covering(-100 * reach - 1, 100 * reach + 1, 8, Svg.LEFT, Svg.RIGHT);
        double width = x.step() / 2;
        SortedMap<Integer, Integer> counts = new TreeMap<>(); // by bin; bin 0 is around no change at all
        for (double gain : gains) {
            counts.merge((int) Math.round(100 * gain / width), 1, Integer::sum);
        }
        int most = Collections.max(counts.values());
        Axis y = Axis.covering(0, most, Math.min(TICKS, most), Svg.BOTTOM, Svg.TOP);
        svg.grid(y, "").yLabel("devices");
        counts.forEach((bin, count) -> {
            double from = (bin - 0.5) * width;
            svg.bar(
                    bin < 0 ? "bar worse" : bin == 0 ? "bar same" : "bar " + style,
                    x.at(from) + 1,
                    y.at(count),
                    x.at(from + width) - x.at(from) - 2,
                    y.at(0) - y.at(count),
                    String.format(Locale.ROOT, "%d devices: %+.1f to %+.1f points", count, from, from + width));
        });
        for (double tick : x.ticks()) {
            svg.label("tick middle", x.at(tick), Svg.BOTTOM + 16, (tick > 0 ? "+" : "") + Figures.plain(tick));
        }
        return svg.xLabel("percentage points, for each device on its own texts").toString();
    }

    /** Epsilon spent after each round against the budget. */
    static String privacy(List<RoundFigures> rounds, double budget) {
        Svg svg = new Svg("Privacy spent over rounds");
        Axis y = Axis.covering(0, budget, TICKS, Svg.BOTTOM, Svg.TOP);
        Axis x = rounds(rounds.size());
        svg.grid(y, "").yLabel("epsilon");
        List<Double> points = new ArrayList<>(List.of(x.at(0), y.at(0)));
        double before = 0;
        for (RoundFigures round : rounds) { // spent at once, when the update leaves the device
            Collections.addAll(points, x.at(round.number()), y.at(before));
            Collections.addAll(points, x.at(round.number()), y.at(round.epsilonAfter()));
            before = round.epsilonAfter();
        }
        svg.polyline("line privacy", points);
        for (RoundFigures round : rounds) {
            svg.dot(
                    "dot privacy",
                    x.at(round.number()),
                    y.at(round.epsilonAfter()),
                    "round " + round.number() + ": epsilon " + Figures.epsilon(round.epsilonAfter()));
        }
        svg.line("budget", Svg.LEFT, y.at(budget), Svg.RIGHT, y.at(budget));
        svg.label("tick", Svg.LEFT + 6, y.at(budget) + 14, "budget: epsilon " + Figures.plain(budget));
        return roundTicks(svg, x).toString();
    }

    /** Devices that vanished in each round, stacked by the step that they did not live to see. */
    static String dropouts(List<RoundFigures> rounds) {
        Svg svg = new Svg("Drop-outs over rounds");
        int most = rounds.stream().mapToInt(RoundFigures::dropouts).max().orElse(0);
        Axis y = Axis.covering(0, Math.max(1, most), Math.min(TICKS, Math.max(1, most)), Svg.BOTTOM, Svg.TOP);
        svg.grid(y, "").yLabel("devices");
        double slot = (Svg.RIGHT - Svg.LEFT) / (double) Math.max(1, rounds.size());
        for (int i = 0; i < rounds.size(); i++) {
            RoundFigures round = rounds.get(i);
            double x = Svg.LEFT + slot * (i + 0.2);
            int below = 0;
            for (int step = 0; step < STEPS.size(); step++) {
                int count = round.vanished().get(step);
                String tooltip = "round " + round.number() + ": " + count + " before " + STEPS.get(step);
                svg.bar(
                        "bar step" + step,
                        x,
                        y.at(below + count),
                        slot * 0.6,
                        y.at(below) - y.at(below + count),
                        tooltip);
                below += count;
            }
            if (!round.completed()) {
                svg.label("tick middle bad", x + slot * 0.3, y.at(below) - 4, "aborted");
            }
            if (rounds.size() <= 20 || round.number() % 10 == 0) {
                svg.label("tick middle", x + slot * 0.3, Svg.BOTTOM + 16, Integer.toString(round.number()));
            }
        }
        return svg.xLabel("round").toString();
    }

    private static Axis rounds(int last) {
        return new Axis(0, Math.max(1, last), Math.max(1, Math.ceilDiv(last, 12)), Svg.LEFT + 4, Svg.RIGHT - 8);
    }

    private static Svg roundTicks(Svg svg, Axis x) {
        for (int round = 0; round <= x.high(); round += (int) x.step()) {
            svg.label("tick middle", x.at(round), Svg.BOTTOM + 16, Integer.toString(round));
        }
        return svg.xLabel("round");
    }
}
