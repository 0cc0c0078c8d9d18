/** Small devices, an operator and a server process for tests: they speak to the aggregator over HTTP alone. */
@NullMarked
package dev.coppice.aggregator.fleet;

import org.jspecify.annotations.NullMarked;
