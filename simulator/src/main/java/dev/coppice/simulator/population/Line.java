package dev.coppice.simulator.population;

import dev.coppice.adapters.text.Example;
import org.jspecify.annotations.Nullable;

/**
 * One line of input.
 *
 * @param user who said it; null if the input does not say
 */
record Line(Example example, @Nullable String user) {}
