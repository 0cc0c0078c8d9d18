package dev.coppice.simulator;

import dev.coppice.simulator.report.Summary;
import java.io.IOException;
import java.time.InstantSource;

/** The whole loop on real parts, once. */
public final class Demo {
    private final DemoSettings settings;
    private final InstantSource clock;
    private final Progress progress;

    public Demo(DemoSettings settings, InstantSource clock, Progress progress) {
        this.settings = settings;
        this.clock = clock;
        this.progress = progress;
    }

    /**
     * Runs it to the end and writes report and summary.
     *
     * @throws DemoRefusedException when the settings or the data cannot be used
     * @throws IOException when a part failed or could not be reached
     */
    public Summary run() throws DemoRefusedException, IOException, InterruptedException {
        OutFolder.prepare(settings.out());
        progress.phase("preparing " + clock.instant());
        throw new IOException("not complete yet");
    }
}
