package dev.coppice.simulator.cli;

import dev.coppice.adapters.inference.Generation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends a text at Ctrl-C: what there is of it is told to its end, and the JVM exits with 130.
 */
final class StopOnInterrupt {
    private static final long WAIT_SECONDS = 5;

    private final Generation text;
    private final CountDownLatch told = new CountDownLatch(1);
    private final Thread hook = Thread.ofPlatform().unstarted(this::stop);

    private StopOnInterrupt(Generation text) {
        this.text = text;
    }

    static StopOnInterrupt of(Generation text) {
        StopOnInterrupt stop = new StopOnInterrupt(text);
        Runtime.getRuntime().addShutdownHook(stop.hook);
        return stop;
    }

    /** The text has been told; to be called before it is closed. */
    void over() {
        told.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is going down, and waits for no more than what has just been told
        }
    }

    private void stop() {
        text.cancel();
        try {
            if (!told.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("coppice: the text does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
