/** Tests of scenario files. */
@NullMarked
package dev.coppice.simulator.scenario;

import org.jspecify.annotations.NullMarked;
