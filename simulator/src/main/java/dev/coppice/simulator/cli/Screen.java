package dev.coppice.simulator.cli;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.coppice.simulator.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Locale;

/**
 * Progress for people: on a terminal one live line that is overwritten, elsewhere one plain line for each part of the
 * run.
 */
final class Screen implements Progress {
    private static final Duration REDRAW_EVERY = Duration.ofMillis(100);
    private static final double ESTIMATE_FROM = 0.05;

    private final PrintStream out;
    private final boolean live;
    private final int columns;
    private final InstantSource clock;
    private final Instant started;

    @GuardedBy("this")
    private String phase = "";

    @GuardedBy("this")
    private String detail = "";

    @GuardedBy("this")
    private double overall;

    @GuardedBy("this")
    private String unit = "";

    @GuardedBy("this")
    private Instant unitSince = Instant.EPOCH;

    @GuardedBy("this")
    private Instant drawn = Instant.EPOCH;

    @GuardedBy("this")
    private boolean lineIsOpen;

    /**
     * @param live whether {@code out} is a terminal that may be overwritten
     * @param columns of that terminal
     */
    Screen(PrintStream out, boolean live, int columns, InstantSource clock) {
        this.out = out;
        this.live = live;
        this.columns = Math.max(20, columns);
        this.clock = clock;
        this.started = clock.instant();
    }

    @Override
    public synchronized void phase(String name) {
        phase = name;
        detail = "";
        unit = "";
        if (live) {
            draw(true);
        } else {
            out.println(elapsed() + "  " + name);
        }
    }

    @Override
    public synchronized void advance(String what, long done, long total, String unit) {
        String key = what + unit;
        if (!key.equals(this.unit)) {
            this.unit = key;
            unitSince = clock.instant();
        }
        detail = what + " " + done + "/" + total + rate(done, unit);
        draw(done == total);
    }

    @Override
    public synchronized void overall(double fraction) {
        overall = Math.max(overall, Math.min(1, fraction));
        draw(false);
    }

    @Override
    public synchronized void note(String line) {
        clearLine();
        out.println(elapsed() + "  " + line);
        draw(true);
    }

    /** Leaves the cursor on an empty line. */
    synchronized void close() {
        clearLine();
    }

    private synchronized void draw(boolean now) {
        Instant moment = clock.instant();
        if (!live || (!now && Duration.between(drawn, moment).compareTo(REDRAW_EVERY) < 0)) {
            return;
        }
        drawn = moment;
        String line = elapsed() + "  " + phase + (detail.isEmpty() ? "" : " · " + detail) + timeLeft();
        out.print("\r\u001b[2K" + (line.length() < columns ? line : line.substring(0, columns - 1)));
        out.flush();
        lineIsOpen = true;
    }

    private synchronized void clearLine() {
        if (lineIsOpen) {
            out.print("\r\u001b[2K");
            out.flush();
            lineIsOpen = false;
        }
    }

    private synchronized String rate(long done, String unit) {
        double seconds = Duration.between(unitSince, clock.instant()).toMillis() / 1000.0;
        return seconds < 0.5 || done == 0 ? "" : String.format(Locale.ROOT, ", %.0f %s/s", done / seconds, unit);
    }

    private synchronized String timeLeft() {
        double seconds = Duration.between(started, clock.instant()).toMillis() / 1000.0;
        if (overall < ESTIMATE_FROM || overall >= 1) {
            return "";
        }
        return " · about " + minutes(Math.round(seconds * (1 - overall) / overall)) + " left";
    }

    private String elapsed() {
        return minutes(Duration.between(started, clock.instant()).toSeconds());
    }

    private static String minutes(long seconds) {
        return String.format(Locale.ROOT, "%d:%02d", seconds / 60, seconds % 60);
    }
}
