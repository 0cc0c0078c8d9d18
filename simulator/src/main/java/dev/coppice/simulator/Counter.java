package dev.coppice.simulator;

import dev.coppice.simulator.world.Fleet;
import dev.coppice.simulator.world.VirtualDevice;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts devices as they get done, for the live line. */
final class Counter implements Fleet.OneMore {
    private final AtomicInteger done = new AtomicInteger();
    private final String what;
    private final int total;
    private final Progress progress;

    Counter(String what, int total, Progress progress) {
        this.what = what;
        this.total = total;
        this.progress = progress;
    }

    @Override
    public void done(VirtualDevice device) {
        progress.advance(what, done.incrementAndGet(), total, "devices");
    }
}
