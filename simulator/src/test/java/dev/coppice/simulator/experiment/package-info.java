@NullMarked
package dev.coppice.simulator.experiment;

import org.jspecify.annotations.NullMarked;
