package dev.coppice.adapters.runtime;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.Kit;

/** Checks on weights before they enter native memory. */
final class Weights {
    private Weights() {}

    static void requireLayout(AdapterWeights weights, Kit kit) {
        if (!weights.layout().equals(kit.layout())) {
            throw new IllegalArgumentException("the weights do not have the kit's layout");
        }
    }
}
