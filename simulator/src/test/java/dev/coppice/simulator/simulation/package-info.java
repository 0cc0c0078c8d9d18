/** Tests of whole simulations and of what they leave behind. */
@NullMarked
package dev.coppice.simulator.simulation;

import org.jspecify.annotations.NullMarked;
