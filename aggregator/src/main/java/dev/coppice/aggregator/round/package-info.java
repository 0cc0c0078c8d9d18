/** The life of a round: plain Java over stored state, so that any process may go on where another one died. */
@NullMarked
package dev.coppice.aggregator.round;

import org.jspecify.annotations.NullMarked;
