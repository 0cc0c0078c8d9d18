package dev.coppice.aggregator.round;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Wakes threads that wait for a round to change. A hint only: who wakes looks at the stored state again, and who waits
 * does so for a limited time. Take {@link #generation} before looking, so that no change slips between.
 */
public final class Signals {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long generation;
    private int waiting;
    private boolean isClosed;

    public long generation() {
        lock.lock();
        try {
            return generation;
        } finally {
            lock.unlock();
        }
    }

    /** Says that some round changed its phase. */
    public void wake() {
        lock.lock();
        try {
            generation++;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Waits until something changed after {@code seen}, at most for {@code limit}. */
    public void await(long seen, Duration limit) throws InterruptedException {
        long nanos = limit.toNanos();
        lock.lock();
        waiting++;
        try {
            while (generation == seen && nanos > 0 && !isClosed) {
                nanos = changed.awaitNanos(nanos);
            }
        } finally {
            waiting--;
            lock.unlock();
        }
    }

    /** How many threads wait now. */
    public int waiting() {
        lock.lock();
        try {
            return waiting;
        } finally {
            lock.unlock();
        }
    }

    /** Nobody waits here any more: another process may know sooner. */
    public void close() {
        lock.lock();
        try {
            isClosed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    public boolean isClosed() {
        lock.lock();
        try {
            return isClosed;
        } finally {
            lock.unlock();
        }
    }
}
