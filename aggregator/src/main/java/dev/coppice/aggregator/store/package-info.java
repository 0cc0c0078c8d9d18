/** Ports to what survives a crash, and the records that are kept. Every change is compare-and-set, whole or not at all. */
@NullMarked
package dev.coppice.aggregator.store;

import org.jspecify.annotations.NullMarked;
