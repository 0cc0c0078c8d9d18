/** Extensions as somebody outside would write them, and that a fleet plays them. */
@NullMarked
package dev.coppice.simulator.extension;

import org.jspecify.annotations.NullMarked;
