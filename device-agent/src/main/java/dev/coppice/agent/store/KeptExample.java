package dev.coppice.agent.store;

import dev.coppice.adapters.text.Example;
import java.time.Instant;

/**
 * An example as the device keeps it.
 *
 * @param when it came, in whole milliseconds
 * @param isCorrection whether its user set an answer of the device right with it
 */
public record KeptExample(Example example, Instant when, boolean isCorrection) {}
