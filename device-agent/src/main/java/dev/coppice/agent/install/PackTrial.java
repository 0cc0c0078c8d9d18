package dev.coppice.agent.install;

import java.util.OptionalDouble;

/**
 * How the pack that a device tried last does on it.
 *
 * @param version of the pack
 * @param before share of the device's own held-out examples that were right with what it used before, 0 to 1; empty if it had none
 * @param after share that is right with the pack; empty if {@code before} is
 * @param wentBack whether the device found it worse, or its user or app went back from it
 * @param crashed whether the app said that it crashed with it
 */
public record PackTrial(long version, OptionalDouble before, OptionalDouble after, boolean wentBack, boolean crashed) {}
