package dev.coppice.agent.training;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.runtime.EnginePool;
import dev.coppice.adapters.runtime.EngineUse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** Some engines for each kit that is used, opened on first use and kept until they {@link #rest}. Thread-safe. */
public final class OwnEngines implements EngineSource, AutoCloseable {
    private final int enginesPerKit;
    private final EngineKind kind;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, EnginePool> pools = new HashMap<>();
    private final LastUse lastUse;
    private int users;

    /**
     * Engines without a clock: they cannot tell how long they are idle, and rest at once or never.
     *
     * @param enginesPerKit at least 1; more than there are cores helps nobody
     */
    public OwnEngines(int enginesPerKit, EngineKind kind) {
        this(enginesPerKit, kind, () -> Instant.EPOCH);
    }

    /**
     * Engines that know how long they are idle.
     *
     * @param clock by which they are
     */
    public OwnEngines(int enginesPerKit, EngineKind kind, InstantSource clock) {
        this.enginesPerKit = enginesPerKit;
        this.kind = kind;
        this.lastUse = new LastUse(clock);
    }

    @Override
    public <T> T use(Kit kit, EngineUse<T> work) throws InterruptedException, EngineException {
        EnginePool pool = enter(kit);
        try {
            return pool.use(work);
        } finally {
            leave();
        }
    }

    /**
     * Frees all engines if nobody used one for this long; they are opened again when one is needed.
     *
     * @return whether there were any
     */
    public boolean rest(Duration idle) {
        lock.lock();
        try {
            if (users > 0 || pools.isEmpty() || !lastUse.isOver(idle)) {
                return false;
            }
            close();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for engines that are lent, then frees all. */
    @Override
    public void close() {
        lock.lock();
        try {
            pools.values().forEach(EnginePool::close);
            pools.clear();
        } finally {
            lock.unlock();
        }
    }

    @SuppressWarnings("MustBeClosed") // closed with this
    private EnginePool enter(Kit kit) throws EngineException {
        lock.lock();
        try {
            EnginePool open = pools.get(kit.sha256());
            if (open == null) {
                open = EnginePool.open(kit, enginesPerKit, kind);
                pools.put(kit.sha256(), open);
            }
            users++; // from here on it does not rest
            return open;
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            users--;
            lastUse.isNow();
        } finally {
            lock.unlock();
        }
    }
}
