/**
 * Parts of a fleet's work for other processes, through Kafka. Knows nothing of what the work is, and keeps nothing of it.
 */
@NullMarked
package dev.coppice.simulator.crew;

import org.jspecify.annotations.NullMarked;
