package dev.coppice.benchmarks;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux and Java say of this process's memory, in MiB. */
final class ProcessMemory {
    private ProcessMemory() {}

    /** Memory of its own: mapped files, which all processes share, are left out. */
    static double own() throws IOException {
        return field("RssAnon");
    }

    /** All that is resident now, mapped files included. */
    static double resident() throws IOException {
        return field("VmRSS");
    }

    /** The same of another process. */
    static double resident(long pid) throws IOException {
        return field("VmRSS", Path.of("/proc/" + pid + "/status"));
    }

    /** The most that was ever resident, mapped files included. */
    static double peak() throws IOException {
        return field("VmHWM");
    }

    /** What is reachable in Java's heap, after a full collection. */
    static double heap() {
        MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed() / (double) (1 << 20);
    }

    private static double field(String name) throws IOException {
        return field(name, Path.of("/proc/self/status"));
    }

    private static double field(String name, Path status) throws IOException {
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
            }
        }
        throw new IOException("the system does not tell " + name);
    }
}
