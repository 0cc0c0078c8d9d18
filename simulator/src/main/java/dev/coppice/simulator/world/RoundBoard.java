package dev.coppice.simulator.world;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.coppice.simulator.world.DropoutPlan.Step;
import java.time.Duration;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.Map;

/** Who has done what in the present round. Safe for use by many threads. */
public final class RoundBoard {
    private final int devices;

    @GuardedBy("this")
    private final Map<Step, BitSet> settled = new EnumMap<>(Step.class);

    @GuardedBy("this")
    private final Map<Step, Integer> answers = new EnumMap<>(Step.class);

    /** A board for that many devices. */
    public RoundBoard(int devices) {
        this.devices = devices;
        clear();
    }

    /** A new round begins. */
    public synchronized void clear() {
        for (Step step : Step.values()) {
            settled.put(step, new BitSet(devices));
            answers.put(step, 0);
        }
    }

    /** The aggregator took this step from the device. */
    public synchronized void answered(int device, Step step) {
        BitSet devicesOfStep = settled.getOrDefault(step, new BitSet());
        if (!devicesOfStep.get(device)) {
            devicesOfStep.set(device);
            answers.merge(step, 1, Integer::sum);
            notifyAll();
        }
    }

    /** Nothing more comes from the device in this round. */
    public synchronized void ended(int device) {
        settled.values().forEach(devicesOfStep -> devicesOfStep.set(device));
        notifyAll();
    }

    /** How many devices did this step. */
    public synchronized int answers(Step step) {
        return answers.getOrDefault(step, 0);
    }

    /**
     * Waits until every device has done this step or will not do it any more.
     *
     * @return whether that is so
     */
    public synchronized boolean await(Step step, Duration limit) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        long left = limit.toMillis();
        while (!isSettled(step) && left > 0) {
            wait(left);
            left = (end - System.nanoTime()) / 1_000_000;
        }
        return isSettled(step);
    }

    private synchronized boolean isSettled(Step step) {
        return settled.getOrDefault(step, new BitSet()).cardinality() == devices;
    }
}
