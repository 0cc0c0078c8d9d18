/** Guards the picture of the modules and what each may touch. */
@NullMarked
package dev.coppice.simulator.architecture;

import org.jspecify.annotations.NullMarked;
