package dev.coppice.adapters.runtime;

import com.google.errorprone.annotations.MustBeClosed;
import com.google.errorprone.annotations.concurrent.GuardedBy;
import org.bytedeco.onnxruntime.OrtRunOptions;

/**
 * Ends native runs early: {@link #cancel} may be called by any thread, at any time. A run that is under way then fails
 * soon with an {@link EngineException}, and so does every later one.
 */
public final class Cancellation implements AutoCloseable {
    private final OrtRunOptions options;

    @GuardedBy("this")
    private boolean cancelled;

    @GuardedBy("this")
    private boolean closed;

    private Cancellation(OrtRunOptions options) {
        this.options = options;
    }

    /** Not cancelled yet. */
    @MustBeClosed
    public static Cancellation open() throws EngineException {
        return new Cancellation(new OrtRunOptions(Ort.made(Ort.API::CreateRunOptions)));
    }

    /** Harmless after the end and when repeated. */
    public synchronized void cancel() {
        cancelled = true;
        if (!closed) {
            Ort.API.ReleaseStatus(Ort.API.RunOptionsSetTerminate(options));
        }
    }

    public synchronized boolean isCancelled() {
        return cancelled;
    }

    /** To be called when no run uses this any more. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Ort.API.ReleaseRunOptions(options);
        }
    }

    OrtRunOptions options() {
        return options;
    }
}
