/** Tests of the command line. */
@NullMarked
package dev.coppice.simulator.cli;

import org.jspecify.annotations.NullMarked;
