/** The command line: words in, a call to the package that does the work, an exit code out. */
@NullMarked
package dev.coppice.simulator.cli;

import org.jspecify.annotations.NullMarked;
