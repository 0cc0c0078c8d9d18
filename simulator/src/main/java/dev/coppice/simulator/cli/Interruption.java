package dev.coppice.simulator.cli;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntSupplier;

/**
 * What a run says when it is stopped by Ctrl-C. The child processes have hooks of their own; the JVM then exits with
 * 130 by itself. Failures that only follow from the stop are not reported.
 */
final class Interruption {
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicBoolean stopping = new AtomicBoolean();

    private Interruption() {}

    static Interruption watch(Path out, Screen screen) {
        Interruption interruption = new Interruption();
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            interruption.stopping.set(true);
            if (!interruption.over.get()) {
                screen.close();
                System.err.println("coppice: stopped; what there is so far lies in " + out);
            }
        }));
        return interruption;
    }

    /** The run has ended by itself. */
    void tooLate() {
        over.set(true);
    }

    /** What {@code report} says, unless the process is going down anyway: then this thread waits for that. */
    int or(IntSupplier report) {
        if (!stopping.get()) {
            over.set(true);
            return report.getAsInt();
        }
        while (true) {
            try {
                Thread.sleep(Long.MAX_VALUE);
            } catch (InterruptedException e) {
                // only the end of the process ends this
            }
        }
    }
}
