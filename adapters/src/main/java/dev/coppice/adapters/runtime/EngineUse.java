package dev.coppice.adapters.runtime;

/** Work done with an engine that is borrowed from a pool for just as long. */
@FunctionalInterface
public interface EngineUse<T> {
    T with(TrainingEngine engine) throws EngineException;
}
