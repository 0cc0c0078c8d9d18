/** Tests of what a run tells people. */
@NullMarked
package dev.coppice.simulator.report;

import org.jspecify.annotations.NullMarked;
