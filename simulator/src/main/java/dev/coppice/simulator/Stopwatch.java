package dev.coppice.simulator;

import dev.coppice.simulator.report.RunReport.Timing;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/** Tells the parts of a run as they begin, and where the time went. Use on one thread. */
final class Stopwatch {
    private final InstantSource clock;
    private final Progress progress;
    private final Instant started;
    private final List<Timing> timings = new ArrayList<>();
    private String part = "";
    private Instant partStarted;

    Stopwatch(InstantSource clock, Progress progress) {
        this.clock = clock;
        this.progress = progress;
        this.started = clock.instant();
        this.partStarted = started;
    }

    /**
     * The next part begins and the one before ends.
     *
     * @param overall how much of the whole run lies behind us, 0 to 1, as experience says
     */
    void part(String name, double overall) {
        end();
        part = name;
        progress.phase(name);
        progress.overall(overall);
    }

    /** The present part ends. */
    void end() {
        Instant now = clock.instant();
        if (!part.isEmpty()) {
            timings.add(new Timing(part, seconds(partStarted, now)));
        }
        part = "";
        partStarted = now;
    }

    double secondsSoFar() {
        return seconds(started, clock.instant());
    }

    List<Timing> timings() {
        return List.copyOf(timings);
    }

    private static double seconds(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1000.0;
    }
}
