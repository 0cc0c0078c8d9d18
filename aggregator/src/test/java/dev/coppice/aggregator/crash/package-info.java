/** Everything that may fail fails, by a schedule from a seed, while devices take part in a round. */
@NullMarked
package dev.coppice.aggregator.crash;

import org.jspecify.annotations.NullMarked;
