package dev.coppice.simulator.world;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time, in which actors compute on their own and meet in events. Events happen one after another, in the order of their
 * times; between them any number of actors compute at once, on so many cores as there are permits. An event is held back as
 * long as an actor that computes could still cause an earlier one: each says, when it is let go, before which time it will not
 * (conservative simulation, Chandy and Misra 1979). So the order of events, and with it all that comes of them, is the same
 * however fast which actor is.
 */
public final class VirtualTime {
    private static final Comparator<Event> IN_ORDER =
            Comparator.comparing(Event::at).thenComparingInt(Event::actor).thenComparingLong(Event::number);
    private static final int NOBODY = Integer.MAX_VALUE;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Semaphore permits;

    @GuardedBy("lock")
    private final PriorityQueue<Event> events = new PriorityQueue<>(IN_ORDER);

    @GuardedBy("lock")
    private final TreeSet<Actor> computing = new TreeSet<>(
            Comparator.comparing((Actor actor) -> actor.notBefore).thenComparingInt(actor -> actor.number));

    @GuardedBy("lock")
    private long numbers;

    @GuardedBy("lock")
    private @Nullable Throwable failure;

    private volatile Instant now;

    /** @param workers actors that compute at the same time at most */
    public VirtualTime(Instant start, int workers) {
        now = start;
        permits = new Semaphore(workers);
    }

    /** What happens at a moment. */
    public interface Happening {
        void happen() throws Exception;
    }

    private record Event(Instant at, int actor, long number, Happening happening) {}

    /** Somebody with a thread and a clock of its own. */
    public final class Actor {
        private final int number;
        private final ReentrantLock own = new ReentrantLock();
        private final Condition letGo = own.newCondition();
        private Instant clock = Instant.MIN;
        private Instant notBefore = Instant.MIN;
        private boolean isLetGo;

        private Actor(int number) {
            this.number = number;
        }

        private void begin(Instant at) {
            lock.lock();
            try {
                clock = at;
                notBefore = at;
                computing.add(this);
            } finally {
                lock.unlock();
            }
        }

        /** The actor's own time. For its own thread. */
        public Instant clock() {
            return clock;
        }

        /** Lets time pass for this actor. */
        public void pass(Duration length) {
            clock = clock.plus(length);
        }

        /**
         * Causes an event and waits until somebody lets this actor go.
         *
         * @param at not before what the actor was let go with
         */
        public void await(Instant at, Happening happening) throws InterruptedException {
            permits.release();
            lock.lock();
            try {
                if (at.isBefore(notBefore)) {
                    throw new IllegalStateException("an actor caused an event earlier than it said it would");
                }
                events.add(new Event(at, number, numbers++, happening));
                computing.remove(this);
                changed.signalAll();
            } finally {
                lock.unlock();
            }
            own.lock();
            try {
                while (!isLetGo) {
                    letGo.await();
                }
                isLetGo = false;
            } finally {
                own.unlock();
            }
            permits.acquire();
        }

        /** Causes an event that nobody waits for. */
        public void cause(Instant at, Happening happening) {
            VirtualTime.this.cause(at, number, happening);
        }

        /**
         * Lets the actor go on. Called by what happens.
         *
         * @param at the actor's clock from now on
         * @param before the earliest time of an event that it will cause next
         */
        public void letGo(Instant at, Instant before) {
            lock.lock();
            try {
                clock = at;
                notBefore = before;
                computing.add(this);
            } finally {
                lock.unlock();
            }
            own.lock();
            try {
                isLetGo = true;
                letGo.signal();
            } finally {
                own.unlock();
            }
        }
    }

    /** What an actor does. */
    public interface Life {
        void live(Actor self) throws Exception;
    }

    /**
     * Begins an actor's life.
     *
     * @param number of its own; earlier in events of one time is who has the smaller
     * @param at when it begins
     */
    public void start(int number, Instant at, Life life) {
        Actor actor = new Actor(number);
        cause(at, number, () -> {
            actor.begin(at);
            Thread.ofVirtual().start(() -> run(actor, life));
        });
    }

    private void run(Actor actor, Life life) {
        try {
            permits.acquire();
            try {
                life.live(actor);
            } finally {
                permits.release();
            }
        } catch (Throwable e) {
            fail(e);
        } finally {
            lock.lock();
            try {
                computing.remove(actor);
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private void fail(Throwable e) {
        lock.lock();
        try {
            failure = failure == null ? e : failure;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Causes an event that is no actor's; after those of actors at the same time. */
    public void cause(Instant at, Happening happening) {
        cause(at, NOBODY, happening);
    }

    private void cause(Instant at, int actor, Happening happening) {
        lock.lock();
        try {
            events.add(new Event(at, actor, numbers++, happening));
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The time of the event that is happening, or happened last. */
    public Instant now() {
        return now;
    }

    /** Whether anything can still happen but what {@link #cause(Instant, Happening)} was told of. For events. */
    public boolean isQuiet() {
        lock.lock();
        try {
            return computing.isEmpty() && events.stream().allMatch(event -> event.actor == NOBODY);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Lets everything happen, in the caller's thread, until there is nothing left. Actors that wait then wait for ever.
     *
     * @throws Exception what an event or an actor threw first
     */
    public void run() throws Exception {
        while (true) {
            Event next = next();
            if (next == null) {
                return;
            }
            now = next.at();
            next.happening().happen();
        }
    }

    private @Nullable Event next() throws Exception {
        lock.lock();
        try {
            while (true) {
                if (failure != null) {
                    throw new ActorFailedException(failure);
                }
                Event next = events.peek();
                boolean isSafe =
                        next != null && (computing.isEmpty() || next.at().isBefore(computing.first().notBefore));
                if (isSafe) {
                    return events.poll();
                }
                if (next == null && computing.isEmpty()) {
                    return null;
                }
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** An actor's life ended in a way that it should not. */
    public static final class ActorFailedException extends Exception {
        private ActorFailedException(Throwable cause) {
            super(cause);
        }
    }
}
