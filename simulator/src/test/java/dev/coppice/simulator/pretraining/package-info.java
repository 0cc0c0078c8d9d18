/** Tests of making base models. */
@NullMarked
package dev.coppice.simulator.pretraining;

import org.jspecify.annotations.NullMarked;
