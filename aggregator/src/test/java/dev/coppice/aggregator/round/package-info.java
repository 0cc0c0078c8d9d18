/** Rounds under a clock that the test moves, without HTTP, on each store. */
@NullMarked
package dev.coppice.aggregator.round;

import org.jspecify.annotations.NullMarked;
