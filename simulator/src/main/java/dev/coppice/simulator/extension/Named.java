package dev.coppice.simulator.extension;

/** Something that a scenario picks by its name. Stateless, for any threads. */
public interface Named {
    /** 1 to 64 characters of {@code [a-z0-9-]}, unique among its kind. */
    String name();
}
