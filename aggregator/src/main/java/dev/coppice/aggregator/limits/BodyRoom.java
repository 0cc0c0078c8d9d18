package dev.coppice.aggregator.limits;

import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicLong;

/** How many bytes of bodies are held at once: a quarter of the heap, so that no number of senders fills it. For any number of threads. */
@Singleton
public final class BodyRoom {
    private final long bytesMax;
    private final AtomicLong taken = new AtomicLong();

    BodyRoom() {
        this(Runtime.getRuntime().maxMemory() / 4);
    }

    BodyRoom(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** Takes room for a body, to be given back. @return false if there is not enough */
    public boolean take(long bytes) {
        if (taken.addAndGet(bytes) <= bytesMax) {
            return true;
        }
        give(bytes);
        return false;
    }

    /** Gives room back. */
    public void give(long bytes) {
        taken.addAndGet(-bytes);
    }

    /** Bytes that are held now. */
    public long taken() {
        return taken.get();
    }
}
