package dev.coppice.adapters.runtime;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.kit.Kit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/** A fixed number of engines of one kit, lent to one user at a time. Thread-safe, also from virtual threads. */
public final class EnginePool implements AutoCloseable {
    private final List<TrainingEngine> all;
    private final BlockingQueue<TrainingEngine> free;
    private volatile boolean closed;

    private EnginePool(List<TrainingEngine> engines) {
        this.all = List.copyOf(engines);
        this.free = new ArrayBlockingQueue<>(engines.size(), true, engines);
    }

    /**
     * Opens that many native sessions, each of one thread.
     *
     * @param engines at least 1; more than there are cores helps nobody
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the pool closes what it opened
    public static EnginePool open(Kit kit, int engines, EngineKind kind) throws EngineException {
        if (engines < 1) {
            throw new IllegalArgumentException("a pool has at least one engine");
        }
        List<TrainingEngine> opened = new ArrayList<>();
        try {
            for (int i = 0; i < engines; i++) {
                opened.add(Engines.open(kit, kind));
            }
            return new EnginePool(opened);
        } catch (EngineException e) {
            opened.forEach(TrainingEngine::close);
            throw e;
        }
    }

    /**
     * Waits for a free engine, lends it and takes it back. What it holds from earlier use is undefined: load first.
     *
     * @throws IllegalStateException if the pool is closed
     */
    public <T> T use(EngineUse<T> work) throws InterruptedException, EngineException {
        TrainingEngine engine = free.take();
        try {
            if (closed) {
                throw new IllegalStateException("the pool is closed");
            }
            return work.with(engine);
        } finally {
            free.add(engine);
        }
    }

    /** Waits until every engine is back, then frees them all. Closing twice is harmless. */
    @Override
    public void close() {
        closed = true;
        List<TrainingEngine> back = new ArrayList<>();
        boolean interrupted = false;
        while (back.size() < all.size()) {
            try {
                back.add(free.take());
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        back.forEach(TrainingEngine::close);
        free.addAll(back); // whoever still waits learns that the pool is closed
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
