/** How a mean update becomes a step of the shared adapter. Pure functions of float vectors; keeps no state of its own. */
@NullMarked
package dev.coppice.adapters.merge;

import org.jspecify.annotations.NullMarked;
