/**
 * An agent that runs by itself, for devices that are computers: its settings in a file, a loop that works when it may,
 * and a door on the loopback address for commands and metrics. Apps that embed an agent use none of it.
 */
@NullMarked
package dev.coppice.agent.daemon;

import org.jspecify.annotations.NullMarked;
