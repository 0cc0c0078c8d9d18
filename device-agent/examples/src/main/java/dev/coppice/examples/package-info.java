/** Apps that embed an agent, small enough to be read in one go. Must never use what an app could not. */
@NullMarked
package dev.coppice.examples;

import org.jspecify.annotations.NullMarked;
