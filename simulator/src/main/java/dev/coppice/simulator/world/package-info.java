/**
 * The pretend world around the real parts: randomness from a seed, devices that vanish at random steps, and child
 * processes that do not outlive us. Randomness from a seed keeps no secret: only simulations may reach this package.
 */
@NullMarked
package dev.coppice.simulator.world;

import org.jspecify.annotations.NullMarked;
