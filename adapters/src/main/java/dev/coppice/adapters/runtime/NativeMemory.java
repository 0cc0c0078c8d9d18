package dev.coppice.adapters.runtime;

import org.bytedeco.javacpp.Pointer;

/** The process's native memory. Thread-safe. */
public final class NativeMemory {
    private NativeMemory() {}

    /** Has the allocator give back to the system what sessions freed; where it cannot, nothing happens. */
    public static void giveBack() {
        Pointer.trimMemory();
    }
}
