/** Tests of made-up and real people. */
@NullMarked
package dev.coppice.simulator.population;

import org.jspecify.annotations.NullMarked;
