/**
 * One run from one seed: the demo, which leads the real aggregator, the real signer and a fleet of real agents through
 * rounds of training. Nothing here may be needed by a device or by the aggregator.
 */
@NullMarked
package dev.coppice.simulator;

import org.jspecify.annotations.NullMarked;
