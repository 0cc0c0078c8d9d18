package dev.coppice.simulator.online;

import dev.coppice.simulator.online.OnlineReport.Requests;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** How long requests took, how large they were and what became of them, by what they were for. For any number of threads. */
final class Meter {
    /** In the order of a device's life; what is missing here comes after. */
    private static final List<String> ORDER = List.of(
            "enrol",
            "renew",
            "checkin",
            "blobs",
            "advertise",
            "open",
            "shares",
            "masked",
            "attest",
            "sample",
            "unmask",
            "poll");

    private static final int DIGITS = 3;
    private static final double MICROS_PER_MILLI = 1e3;

    private final ConcurrentMap<String, Kind> kinds = new ConcurrentHashMap<>();
    private final ConcurrentMap<Long, LongAdder> bySecond = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, LongAdder> errors = new ConcurrentSkipListMap<>();

    /** Requests of one kind; microseconds. */
    private static final class Kind {
        private final Histogram answered = new ConcurrentHistogram(DIGITS);
        private final LongAdder failed = new LongAdder();
        private final LongAdder up = new LongAdder();
        private final LongAdder down = new LongAdder();
    }

    /**
     * A request was answered, with whatever status.
     *
     * @param nanos from sending it to the last byte of the answer
     */
    void answered(String path, long nanos, int status, long bytesUp, long bytesDown) {
        Kind kind = kind(path);
        kind.answered.recordValue(nanos / 1000);
        kind.up.add(bytesUp);
        kind.down.add(bytesDown);
        count();
        if (status >= 400) {
            failed(kind, Integer.toString(status));
        }
    }

    /** A request got no answer. */
    void unanswered(String path, String why, long bytesUp) {
        Kind kind = kind(path);
        kind.up.add(bytesUp);
        count();
        failed(kind, why);
    }

    private void failed(Kind kind, String code) {
        kind.failed.increment();
        errors.computeIfAbsent(code, none -> new LongAdder()).increment();
    }

    private void count() {
        bySecond.computeIfAbsent(System.nanoTime() / 1_000_000_000, none -> new LongAdder())
                .increment();
    }

    /** Named as paths are: the last part of a step's, what stands before an identifier otherwise. */
    private Kind kind(String path) {
        String[] parts = path.split("/", -1);
        String name = path.startsWith("/v1/rounds/") ? parts[parts.length - 1] : parts[2];
        return kinds.computeIfAbsent(name, none -> new Kind());
    }

    /** By code, or by what happened where there was none. */
    Map<String, Long> errors() {
        Map<String, Long> counts = new TreeMap<>();
        errors.forEach((code, count) -> counts.put(code, count.sum()));
        return counts;
    }

    /** Requests in the second that had the most. */
    long busiestSecond() {
        return bySecond.values().stream().mapToLong(LongAdder::sum).max().orElse(0);
    }

    /** What there was of each kind. */
    List<Requests> requests() {
        return kinds.entrySet().stream()
                .sorted(Comparator.comparingInt((Map.Entry<String, Kind> one) -> place(one.getKey()))
                        .thenComparing(Map.Entry::getKey))
                .map(one -> requests(one.getKey(), one.getValue()))
                .toList();
    }

    private static int place(String name) {
        return ORDER.contains(name) ? ORDER.indexOf(name) : ORDER.size();
    }

    private static Requests requests(String name, Kind kind) {
        Histogram latency = kind.answered.copy();
        return new Requests(
                name,
                latency.getTotalCount(),
                kind.failed.sum(),
                millis(latency, 50),
                millis(latency, 95),
                millis(latency, 99),
                latency.getMaxValue() / MICROS_PER_MILLI,
                kind.up.sum(),
                kind.down.sum());
    }

    private static double millis(Histogram latency, double percentile) {
        return latency.getTotalCount() == 0 ? 0 : latency.getValueAtPercentile(percentile) / MICROS_PER_MILLI;
    }
}
