package dev.coppice.simulator.extension;

import java.util.List;

/** An example of a merge: what the first says. */
public final class FirstOnly implements UpdateMerge {
    @Override
    public String name() {
        return "example-first";
    }

    @Override
    public float[] merge(List<Part> parts, Parameters parameters) {
        return parts.getFirst().mean().clone();
    }
}
