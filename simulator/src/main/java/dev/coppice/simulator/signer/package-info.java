/**
 * The holder of a release key, in a process of its own: turns what a finished task made into a signed skill pack. The
 * key is never written anywhere and never reaches the aggregator.
 */
@NullMarked
package dev.coppice.simulator.signer;

import org.jspecify.annotations.NullMarked;
