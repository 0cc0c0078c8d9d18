package dev.coppice.simulator.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/** Two runs side by side, by their {@code metrics.jsonl}. */
public final class Comparison {
    /** 97.5 % quantile of Student's t by degrees of freedom 1 to 30; beyond, the normal one is near enough. */
    private static final double[] T = {
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
        2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
    };

    private static final double T_LIMIT = 1.96;

    private final List<String> lines;

    private Comparison(List<String> lines) {
        this.lines = List.copyOf(lines);
    }

    /** Of the runs in these folders. */
    public static Comparison of(Path first, Path second) throws IOException {
        List<List<JsonNode>> a = bySeed(first);
        List<List<JsonNode>> b = bySeed(second);
        List<String> lines = new ArrayList<>();
        lines.add(
                String.format(Locale.ROOT, "%-26s %18s %18s %22s", "", name(first), name(second), "difference, 95 %"));
        lines.add(String.format(Locale.ROOT, "%-26s %18s %18s", "privacy", privacy(a), privacy(b)));
        lines.add(String.format(Locale.ROOT, "%-26s %18d %18d", "seeds", a.size(), b.size()));
        add(lines, "accuracy, %", a, b, rounds -> 100 * last(rounds, "accuracy"));
        add(lines, "loss", a, b, rounds -> last(rounds, "loss"));
        add(lines, "best accuracy, %", a, b, rounds -> 100 * best(rounds));
        add(lines, "attack success, %", a, b, rounds -> 100 * last(rounds, "attackSuccess"));
        add(lines, "epsilon", a, b, rounds -> last(rounds, "epsilonMax"));
        add(lines, "rounds completed", a, b, Comparison::completed);
        add(lines, "devices in sums", a, b, rounds -> total(rounds, "inSum"));
        add(lines, "optimizer steps", a, b, rounds -> total(rounds, "steps"));
        add(lines, "MB up", a, b, rounds -> total(rounds, "bytesUp") / 1e6);
        add(lines, "MB down", a, b, rounds -> total(rounds, "bytesDown") / 1e6);
        add(lines, "hours of virtual time", a, b, rounds -> last(rounds, "endedSeconds") / 3600);
        return new Comparison(lines);
    }

    /** A table. */
    public List<String> lines() {
        return lines;
    }

    private static String name(Path run) {
        String name = run.toAbsolutePath().normalize().getFileName().toString();
        return name.length() <= 18 ? name : name.substring(0, 17) + "…";
    }

    private static String privacy(List<List<JsonNode>> seeds) {
        return seeds.getFirst().getFirst().path("privacy").asText();
    }

    private static List<List<JsonNode>> bySeed(Path run) throws IOException {
        TreeMap<Long, List<JsonNode>> seeds = new TreeMap<>();
        for (JsonNode line : MetricsFile.read(run.resolve("metrics.jsonl"))) {
            seeds.computeIfAbsent(line.path("seed").asLong(), seed -> new ArrayList<>())
                    .add(line);
        }
        if (seeds.isEmpty()) {
            throw new IOException(run + " has no round that is over");
        }
        return List.copyOf(seeds.values());
    }

    private static double last(List<JsonNode> rounds, String name) {
        return rounds.reversed().stream()
                .filter(round -> round.path(name).isNumber())
                .mapToDouble(round -> round.path(name).asDouble())
                .findFirst()
                .orElse(Double.NaN);
    }

    private static double best(List<JsonNode> rounds) {
        return rounds.stream()
                .filter(round -> round.path("accuracy").isNumber())
                .mapToDouble(round -> round.path("accuracy").asDouble())
                .max()
                .orElse(Double.NaN);
    }

    private static double completed(List<JsonNode> rounds) {
        return rounds.stream()
                .filter(round -> round.path("outcome").asText().equals("completed"))
                .count();
    }

    private static double total(List<JsonNode> rounds, String name) {
        return rounds.stream().mapToDouble(round -> round.path(name).asDouble()).sum();
    }

    private static void add(
            List<String> lines,
            String name,
            List<List<JsonNode>> a,
            List<List<JsonNode>> b,
            ToDoubleFunction<List<JsonNode>> figure) {
        double[] first = a.stream().mapToDouble(figure).filter(Double::isFinite).toArray();
        double[] second =
                b.stream().mapToDouble(figure).filter(Double::isFinite).toArray();
        if (first.length == 0 && second.length == 0) {
            return;
        }
        lines.add(String.format(
                Locale.ROOT, "%-26s %18s %18s %22s", name, told(first), told(second), difference(first, second)));
    }

    private static String told(double[] values) {
        if (values.length == 0) {
            return "-";
        }
        return values.length == 1
                ? String.format(Locale.ROOT, "%.3f", values[0])
                : String.format(Locale.ROOT, "%.3f ± %.3f", mean(values), Math.sqrt(variance(values)));
    }

    /** Welch 1947; its degrees of freedom are rounded down. */
    private static String difference(double[] a, double[] b) {
        if (a.length == 0 || b.length == 0) {
            return "";
        }
        double difference = mean(b) - mean(a);
        if (a.length < 2 || b.length < 2) {
            return String.format(Locale.ROOT, "%+.3f", difference);
        }
        double ofA = variance(a) / a.length;
        double ofB = variance(b) / b.length;
        double error = Math.sqrt(ofA + ofB);
        double freedom = error == 0
                ? T.length + 1
                : (ofA + ofB) * (ofA + ofB) / (ofA * ofA / (a.length - 1) + ofB * ofB / (b.length - 1));
        int whole = (int) Math.floor(freedom);
        double half = error * (whole > T.length ? T_LIMIT : T[Math.max(1, whole) - 1]);
        return String.format(Locale.ROOT, "%+.3f ± %.3f%s", difference, half, Math.abs(difference) > half ? " *" : "");
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private static double variance(double[] values) {
        double mean = mean(values);
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        return squares / Math.max(1, values.length - 1);
    }
}
