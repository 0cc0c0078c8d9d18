package dev.coppice.agent.training;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.EngineUse;

/**
 * Where native engines come from. By default an agent has one of its own ({@link OwnEngines}); a simulator lends the
 * same few to many agents. Safe for use by many threads.
 */
public interface EngineSource {
    /**
     * Waits for an engine of this kit, lends it to {@code work} in the caller's thread, and takes it back.
     *
     * @throws EngineException if there can be none, or the work failed
     */
    <T> T use(Kit kit, EngineUse<T> work) throws InterruptedException, EngineException;
}
