/**
 * Experiments on learning: a task definition is run on people's texts with the devices' own training, the aggregator's own
 * planning, encoding and merging, and without masks, which change no sum. Must never be used where a real person's privacy
 * counts: who runs an experiment sees every update.
 */
@NullMarked
package dev.coppice.simulator.experiment;

import org.jspecify.annotations.NullMarked;
