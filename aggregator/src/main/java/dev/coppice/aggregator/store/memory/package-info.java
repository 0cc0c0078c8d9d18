/** All state in memory: for tests and experiments, by the same contract as the databases. */
@NullMarked
package dev.coppice.aggregator.store.memory;

import org.jspecify.annotations.NullMarked;
