package dev.coppice.agent.training;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.runtime.EnginePool;
import dev.coppice.adapters.runtime.EngineUse;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** Some engines for each kit that is used, opened on first use and kept until {@link #close}. Thread-safe. */
public final class OwnEngines implements EngineSource, AutoCloseable {
    private final int enginesPerKit;
    private final EngineKind kind;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, EnginePool> pools = new HashMap<>();

    /** @param enginesPerKit at least 1; more than there are cores helps nobody */
    public OwnEngines(int enginesPerKit, EngineKind kind) {
        this.enginesPerKit = enginesPerKit;
        this.kind = kind;
    }

    @Override
    public <T> T use(Kit kit, EngineUse<T> work) throws InterruptedException, EngineException {
        return pool(kit).use(work);
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
    private EnginePool pool(Kit kit) throws EngineException {
        lock.lock();
        try {
            EnginePool open = pools.get(kit.sha256());
            if (open == null) {
                open = EnginePool.open(kit, enginesPerKit, kind);
                pools.put(kit.sha256(), open);
            }
            return open;
        } finally {
            lock.unlock();
        }
    }
}
