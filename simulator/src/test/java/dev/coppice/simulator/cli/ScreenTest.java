package dev.coppice.simulator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.testkit.ManualClock;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ScreenTest {
    private final ManualClock clock = new ManualClock(Instant.EPOCH);
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();

    @Test
    void whereNobodyWatchesThereAreOnlyPlainWholeLines() {
        Screen screen = screen(false);

        screen.phase("preparing");
        screen.advance("trained", 1, 10, "devices");
        clock.advance(Duration.ofSeconds(75));
        screen.phase("round 1 of 6");
        screen.note("round 1: done");
        screen.close();

        assertThat(text()).isEqualTo("0:00  preparing\n1:15  round 1 of 6\n1:15  round 1: done\n");
    }

    @Test
    void theLiveLineShowsPhaseCountSpeedAndTimeLeft() {
        Screen screen = screen(true);

        screen.phase("round 3 of 6");
        screen.advance("trained", 0, 200, "devices");
        clock.advance(Duration.ofSeconds(10));
        screen.overall(0.25);
        clock.advance(Duration.ofMillis(200));
        screen.advance("trained", 50, 200, "devices");

        assertThat(lastLine()).isEqualTo("0:10  round 3 of 6 · trained 50/200, 5 devices/s · about 0:31 left");
    }

    @Test
    void theLiveLineNeverWraps() {
        Screen screen = screen(true);

        screen.phase("a".repeat(500));

        assertThat(lastLine()).hasSizeLessThan(100);
    }

    @Test
    void notesStayAboveTheLiveLine() {
        Screen screen = screen(true);

        screen.phase("round 1 of 6");
        screen.note("something to keep");
        screen.close();

        assertThat(text()).contains("\u001b[2K0:00  something to keep\n").endsWith("\r\u001b[2K");
    }

    private Screen screen(boolean live) {
        return new Screen(new PrintStream(written, true, StandardCharsets.UTF_8), live, 100, clock);
    }

    private String text() {
        return written.toString(StandardCharsets.UTF_8).replace("\r\n", "\n");
    }

    private String lastLine() {
        return text().substring(text().lastIndexOf("\u001b[2K") + 4);
    }
}
