/** Tests of the pretend world. */
@NullMarked
package dev.coppice.simulator.world;

import org.jspecify.annotations.NullMarked;
