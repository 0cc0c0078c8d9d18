/**
 * The people of a run: made up from a seed, or read from files. Nothing here is a real person's data unless the caller
 * hands it in, and nothing here is ever sent anywhere.
 */
@NullMarked
package dev.coppice.simulator.population;

import org.jspecify.annotations.NullMarked;
