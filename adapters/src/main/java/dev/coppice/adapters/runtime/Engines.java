package dev.coppice.adapters.runtime;

import dev.coppice.adapters.kit.Kit;

/** Opens engines. */
public final class Engines {
    private Engines() {}

    /** A new native session for this kit, loaded with the kit's initial weights. */
    public static TrainingEngine open(Kit kit, EngineKind kind) throws EngineException {
        throw new EngineException("no engine of kind " + kind + " yet for " + kit.folder());
    }
}
