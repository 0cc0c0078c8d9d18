/** Tests of whole runs. */
@NullMarked
package dev.coppice.simulator;

import org.jspecify.annotations.NullMarked;
