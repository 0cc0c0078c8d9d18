/** Tests of fleets. */
@NullMarked
package dev.coppice.simulator.fleet;

import org.jspecify.annotations.NullMarked;
