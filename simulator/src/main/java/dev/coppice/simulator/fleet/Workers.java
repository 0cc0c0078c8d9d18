package dev.coppice.simulator.fleet;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A fixed number of threads that share out numbered pieces of work. Who does which says nothing about the result. */
final class Workers implements AutoCloseable {
    private final int threads;
    private final ExecutorService pool;

    Workers(int threads) {
        this.threads = threads;
        pool = Executors.newFixedThreadPool(
                threads, Thread.ofPlatform().name("worker-", 0).factory());
    }

    /** One piece of work. */
    interface Piece {
        void work(int number) throws IOException, InterruptedException;
    }

    /** Does pieces 0 to {@code count - 1}; after a failure no new one is begun. */
    void each(int count, Piece piece) throws IOException, InterruptedException {
        AtomicInteger next = new AtomicInteger();
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < Math.min(threads, count); i++) {
            running.add(pool.submit(() -> {
                boolean done = false;
                try {
                    int number = next.getAndIncrement();
                    while (number < count) {
                        piece.work(number);
                        number = next.getAndIncrement();
                    }
                    done = true;
                } finally {
                    if (!done) {
                        next.set(count);
                    }
                }
                return null;
            }));
        }
        for (Future<?> one : running) {
            try {
                one.get();
            } catch (ExecutionException e) {
                throw failure(e.getCause());
            }
        }
    }

    private static IOException failure(@Nullable Throwable cause) throws InterruptedException {
        if (cause instanceof InterruptedException e) {
            throw e;
        }
        if (cause instanceof RuntimeException e) {
            throw e;
        }
        if (cause instanceof Error e) {
            throw e;
        }
        return cause instanceof IOException e ? e : new IOException("a worker failed", cause);
    }

    @Override
    public void close() {
        pool.shutdownNow();
    }
}
