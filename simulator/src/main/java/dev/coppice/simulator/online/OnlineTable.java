package dev.coppice.simulator.online;

import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.coppice.simulator.online.OnlineReport.Check;
import dev.coppice.simulator.online.OnlineReport.Requests;
import dev.coppice.simulator.online.OnlineReport.Round;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A report for people who read terminals. */
public final class OnlineTable {
    private OnlineTable() {}

    /** All of it. */
    public static List<String> lines(OnlineReport report) {
        List<String> lines = new ArrayList<>();
        lines.add(format(
                "  %-10s %9s %7s %9s %9s %9s %9s %9s %9s",
                "requests", "answered", "failed", "p50 ms", "p95 ms", "p99 ms", "max ms", "MB up", "MB down"));
        for (Requests one : report.requests()) {
            lines.add(format(
                    "  %-10s %9d %7d %9.1f %9.1f %9.1f %9.1f %9.2f %9.2f",
                    one.kind(),
                    one.answered(),
                    one.failed(),
                    one.p50(),
                    one.p95(),
                    one.p99(),
                    one.max(),
                    one.bytesUp() / 1e6,
                    one.bytesDown() / 1e6));
        }
        lines.add("  (polls are held open by the aggregator until there is something to tell)");
        lines.add("");
        long completed = report.rounds().stream().filter(Verdict::isCompleted).count();
        lines.add(fact(
                "rounds",
                completed + " completed, " + (report.rounds().size() - completed) + " not, in "
                        + format("%.1f s", report.seconds())));
        lines.add(fact(
                "load",
                format(
                        "%.1f requests/s, %d in the busiest second",
                        report.requestsPerSecond(), report.requestsBusiestSecond())));
        lines.add(fact("errors by code", report.errors().isEmpty() ? "none" : counts(report.errors())));
        report.outages()
                .forEach(outage -> lines.add(
                        fact("away", format("%.1f s from second %.1f", outage.seconds(), outage.atSecond()))));
        lines.add(fact("devices", counts(told(report.rounds()))));
        lines.add("");
        for (Check check : report.checks()) {
            lines.add("  " + (check.passed() ? "passed  " : "FAILED  ") + check.name()
                    + (check.passed() ? "" : ":\n          " + check.detail()));
        }
        lines.add(report.accepted() ? "  accepted" : "  NOT ACCEPTED");
        return List.copyOf(lines);
    }

    /** One round, as it ends. */
    static String line(Round round, int rounds) {
        return format(
                "round %d/%d: %s%s, %d in the sum, %s (%.1f s)",
                round.number(),
                rounds,
                round.phase(),
                round.reason().isEmpty() ? "" : " (" + round.reason() + ")",
                round.inSum(),
                counts(told(List.of(round))),
                round.seconds());
    }

    private static Map<String, Long> told(List<Round> rounds) {
        return rounds.stream()
                .flatMap(round -> round.told().stream())
                .collect(Collectors.groupingBy(
                        one -> one.outcome().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        TreeMap::new,
                        Collectors.counting()));
    }

    private static String counts(Map<String, Long> counts) {
        return counts.entrySet().stream()
                .map(one -> one.getValue() + " " + one.getKey())
                .collect(Collectors.joining(", "));
    }

    private static String fact(String name, String value) {
        return format("  %-15s %s", name, value);
    }

    @FormatMethod
    private static String format(@FormatString String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
