package dev.coppice.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/** User and system time of this thread since it was made; sessions here have one thread, which is the caller's. */
final class CpuTime {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final long start = THREADS.getCurrentThreadCpuTime();

    double milliseconds() {
        return (THREADS.getCurrentThreadCpuTime() - start) / 1e6;
    }
}
