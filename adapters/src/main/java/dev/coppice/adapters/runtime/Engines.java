package dev.coppice.adapters.runtime;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.kit.Kit;

/** Opens engines. */
public final class Engines {
    private Engines() {}

    /** A new native session of one thread for this kit, loaded with the kit's initial weights. */
    @MustBeClosed
    public static TrainingEngine open(Kit kit, EngineKind kind) throws EngineException {
        if (kind == EngineKind.PLAIN_SESSION) {
            return PlainSessionEngine.open(kit);
        }
        return OrtTrainingEngine.open(kit);
    }
}
