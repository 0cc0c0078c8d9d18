package dev.coppice.simulator.report;

import dev.coppice.simulator.fleet.FleetResult;
import dev.coppice.simulator.fleet.RoundRecord;
import dev.coppice.simulator.report.FleetReport.Run;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** The drawings of a fleet's report. */
final class FleetCharts {
    private static final int TICKS = 5;
    private static final List<String> STYLES = List.of("step0", "step1", "step2", "step3", "step4");

    private FleetCharts() {}

    /**
     * A figure over rounds: the mean over seeds, in a band from the least to the most.
     *
     * @param base before the first round; NaN if there is no such thing
     * @param value of a round; NaN where it was not measured
     */
    static String curve(
            String name,
            List<Run> runs,
            ToDoubleFunction<FleetResult> base,
            ToDoubleFunction<RoundRecord> value,
            String unit,
            String style) {
        SortedMap<Integer, List<Double>> points = new TreeMap<>();
        for (Run run : runs) {
            add(points, 0, base.applyAsDouble(run.result()));
            run.result().rounds().forEach(round -> add(points, round.number(), value.applyAsDouble(round)));
        }
        Svg svg = new Svg(name);
        if (points.isEmpty()) {
            return svg.xLabel("nothing was measured").toString();
        }
        double low =
                points.values().stream().mapToDouble(Collections::min).min().orElse(0);
        double high =
                points.values().stream().mapToDouble(Collections::max).max().orElse(1);
        Axis y = Axis.covering(low, high, TICKS, Svg.BOTTOM, Svg.TOP);
        Axis x = rounds(points.lastKey());
        svg.grid(y, unit).yLabel(name.toLowerCase(Locale.ROOT));
        List<Double> mean = new ArrayList<>();
        List<Double> upper = new ArrayList<>();
        List<Double> lower = new ArrayList<>();
        points.forEach((round, values) -> {
            Collections.addAll(mean, x.at(round), y.at(mean(values)));
            Collections.addAll(upper, x.at(round), y.at(Collections.max(values)));
            lower.addAll(0, List.of(x.at(round), y.at(Collections.min(values))));
        });
        if (runs.size() > 1) {
            upper.addAll(lower);
            svg.polygon("band " + style, upper);
        }
        svg.polyline("line " + style, mean);
        if (points.size() <= 60) {
            points.forEach((round, values) -> svg.dot(
                    "dot " + style,
                    x.at(round),
                    y.at(mean(values)),
                    String.format(Locale.ROOT, "after round %d: %.3f%s", round, mean(values), unit)));
        }
        return roundTicks(svg, x).toString();
    }

    private static void add(SortedMap<Integer, List<Double>> points, int round, double value) {
        if (!Double.isNaN(value)) {
            points.computeIfAbsent(round, number -> new ArrayList<>()).add(value);
        }
    }

    private static double mean(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    /** A figure of each device class as bars, the mean over all rounds and seeds. */
    static String byClass(String name, List<Run> runs, ToDoubleFunction<RoundRecord.ClassFigures> value, String unit) {
        SortedMap<String, List<Double>> byClass = new TreeMap<>();
        for (Run run : runs) {
            for (RoundRecord round : run.result().rounds()) {
                round.classes().forEach((kind, figures) -> {
                    double one = value.applyAsDouble(figures);
                    if (!Double.isNaN(one)) {
                        byClass.computeIfAbsent(kind, unseen -> new ArrayList<>())
                                .add(one);
                    }
                });
            }
        }
        SortedMap<String, Double> means = new TreeMap<>();
        byClass.forEach((kind, values) -> means.put(kind, mean(values)));
        return bars(name, means, unit);
    }

    /** The mean gain of the devices of each class, in percentage points. */
    static String gainByClass(List<Run> runs) {
        SortedMap<String, List<Double>> byClass = new TreeMap<>();
        for (Run run : runs) {
            for (FleetResult.Gain gain : run.result().gains()) {
                byClass.computeIfAbsent(gain.deviceClass(), unseen -> new ArrayList<>())
                        .add(100 * (gain.after().accuracy() - gain.before().accuracy()));
            }
        }
        SortedMap<String, Double> means = new TreeMap<>();
        byClass.forEach((kind, values) -> means.put(kind, mean(values)));
        return bars("Gain by device class", means, "points");
    }

    private static String bars(String name, SortedMap<String, Double> values, String unit) {
        Svg svg = new Svg(name);
        if (values.isEmpty()) {
            return svg.xLabel("nothing was measured").toString();
        }
        double low = Math.min(0, Collections.min(values.values()));
        double high = Math.max(low + 1e-9, Math.max(0, Collections.max(values.values())));
        Axis y = Axis.covering(low, high, TICKS, Svg.BOTTOM, Svg.TOP);
        svg.grid(y, "").yLabel(unit);
        double slot = (Svg.RIGHT - Svg.LEFT) / (double) values.size();
        int place = 0;
        for (Map.Entry<String, Double> one : values.entrySet()) {
            double x = Svg.LEFT + slot * (place + 0.2);
            double top = Math.min(y.at(0), y.at(one.getValue()));
            svg.bar(
                    one.getValue() < 0 ? "bar worse" : "bar pack",
                    x,
                    top,
                    slot * 0.6,
                    Math.abs(y.at(0) - y.at(one.getValue())),
                    String.format(Locale.ROOT, "%s: %.3f %s", one.getKey(), one.getValue(), unit));
            svg.label("tick middle", x + slot * 0.3, Svg.BOTTOM + 16, one.getKey());
            place++;
        }
        return svg.toString();
    }

    /** How many devices took part how often. */
    static String participations(List<Run> runs) {
        SortedMap<Integer, Integer> counts = new TreeMap<>();
        runs.forEach(run -> run.result().participations().forEach(times -> counts.merge(times, 1, Integer::sum)));
        Svg svg = new Svg("Rounds that devices took part in");
        if (counts.isEmpty()) {
            return svg.xLabel("nobody took part").toString();
        }
        int most = Collections.max(counts.values());
        Axis y = Axis.covering(0, most, TICKS, Svg.BOTTOM, Svg.TOP);
        svg.grid(y, "").yLabel("devices");
        int last = counts.lastKey();
        double slot = (Svg.RIGHT - Svg.LEFT) / (double) (last + 1);
        counts.forEach((times, devices) -> {
            double x = Svg.LEFT + slot * (times + 0.1);
            svg.bar(
                    "bar personal",
                    x,
                    y.at(devices),
                    slot * 0.8,
                    y.at(0) - y.at(devices),
                    devices + " devices took part in " + times + " rounds");
            if (last <= 20 || times % 10 == 0) {
                svg.label("tick middle", x + slot * 0.4, Svg.BOTTOM + 16, Integer.toString(times));
            }
        });
        return svg.xLabel("rounds with the device's update in the sum").toString();
    }

    /** One round in virtual time: how many devices took each phase's step, and when it closed. */
    static String timeline(RoundRecord round) {
        Svg svg = new Svg("Timeline of round " + round.number());
        if (round.phases().isEmpty()) {
            return svg.xLabel("nothing happened").toString();
        }
        double end = Math.max(1e-3, round.phases().getLast().seconds());
        Axis x = Axis.covering(0, end, 6, Svg.LEFT, Svg.RIGHT);
        int most = Math.max(
                round.asked(),
                round.phases().stream()
                        .mapToInt(RoundRecord.PhaseEnd::devices)
                        .max()
                        .orElse(1));
        Axis y = Axis.covering(0, Math.max(1, most), TICKS, Svg.BOTTOM, Svg.TOP);
        svg.grid(y, "").yLabel("devices");
        double before = 0;
        for (int i = 0; i < round.phases().size(); i++) {
            RoundRecord.PhaseEnd phase = round.phases().get(i);
            svg.bar(
                    "bar " + STYLES.get(Math.min(i, STYLES.size() - 1)),
                    x.at(before),
                    y.at(phase.devices()),
                    Math.max(2, x.at(phase.seconds()) - x.at(before)),
                    y.at(0) - y.at(phase.devices()),
                    String.format(
                            Locale.ROOT,
                            "%s: until %.1f s, %d devices",
                            phase.phase(),
                            phase.seconds(),
                            phase.devices()));
            before = phase.seconds();
        }
        for (double tick : x.ticks()) {
            svg.label("tick middle", x.at(tick), Svg.BOTTOM + 16, Figures.plain(tick));
        }
        return svg.xLabel("seconds of virtual time").toString();
    }

    /** Devices that vanished in each round of a run, stacked by the step that they did not take. */
    static String dropouts(List<RoundRecord> rounds, List<String> steps) {
        Svg svg = new Svg("Drop-outs over rounds");
        int most = rounds.stream()
                .mapToInt(round -> round.dropouts().values().stream()
                        .mapToInt(Integer::intValue)
                        .sum())
                .max()
                .orElse(0);
        Axis y = Axis.covering(0, Math.max(1, most), Math.min(TICKS, Math.max(1, most)), Svg.BOTTOM, Svg.TOP);
        svg.grid(y, "").yLabel("devices");
        double slot = (Svg.RIGHT - Svg.LEFT) / (double) Math.max(1, rounds.size());
        for (int i = 0; i < rounds.size(); i++) {
            RoundRecord round = rounds.get(i);
            double x = Svg.LEFT + slot * (i + 0.2);
            int below = 0;
            for (int step = 0; step < steps.size(); step++) {
                int count = round.dropouts().getOrDefault(steps.get(step), 0);
                svg.bar(
                        "bar " + STYLES.get(Math.min(step, STYLES.size() - 1)),
                        x,
                        y.at(below + count),
                        slot * 0.6,
                        y.at(below) - y.at(below + count),
                        "round " + round.number() + ": " + count + " before " + steps.get(step));
                below += count;
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
