package dev.coppice.simulator.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;

/** Which trials no other beats in accuracy, epsilon, bytes and device CPU alike; all trials as a table that notebooks read. */
public final class Pareto {
    private Pareto() {}

    /** Those that no other beats, in their order. */
    public static List<TrialFigures> front(List<TrialFigures> all) {
        return all.stream()
                .filter(one -> all.stream().noneMatch(one::isBeatenBy))
                .toList();
    }

    /** RFC 4180, one line for each trial. Half widths are of 95 % intervals over the seeds; empty of one seed. */
    static String csv(List<TrialFigures> all) {
        SortedSet<String> pointers = new TreeSet<>();
        all.forEach(one -> pointers.addAll(one.trial().chosen().keySet()));
        List<TrialFigures> front = front(all);
        List<String> lines = new ArrayList<>();
        lines.add(String.join(",", pointers)
                + ",rounds,seeds,accuracy,accuracyHalf,loss,lossHalf,attackSuccess,epsilon,bytesUp,cpuMillis,pareto");
        for (TrialFigures one : all) {
            List<String> cells = new ArrayList<>();
            pointers.forEach(pointer ->
                    cells.add(quoted(String.valueOf(one.trial().chosen().get(pointer)))));
            cells.add(String.valueOf(one.rounds()));
            cells.add(String.valueOf(one.loss().values()));
            cells.add(number(one.accuracy().mean()));
            cells.add(number(one.accuracy().half()));
            cells.add(number(one.loss().mean()));
            cells.add(number(one.loss().half()));
            cells.add(number(one.attackSuccess().map(Interval::mean).orElse(Double.NaN)));
            cells.add(number(one.epsilon()));
            cells.add(number(one.bytesUp()));
            cells.add(number(one.cpuMillis()));
            cells.add(String.valueOf(front.contains(one)));
            lines.add(String.join(",", cells));
        }
        return String.join("\r\n", lines) + "\r\n";
    }

    private static String number(double value) {
        return Double.isFinite(value) ? String.format(Locale.ROOT, "%.6g", value) : "";
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\"", "\"\"") + "\"";
    }

    /** The front in words, the most accurate first. */
    public static List<String> lines(List<TrialFigures> all) {
        return front(all).stream()
                .map(one -> String.format(
                        Locale.ROOT,
                        "%s; epsilon %s, %.0f bytes up, %.0f CPU-ms a device and round",
                        one.line(),
                        Double.isFinite(one.epsilon()) ? String.format(Locale.ROOT, "%.2f", one.epsilon()) : "none",
                        one.bytesUp(),
                        one.cpuMillis()))
                .toList();
    }
}
