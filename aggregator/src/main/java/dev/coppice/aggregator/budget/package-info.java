/** How much noise a task's privacy budget asks for. Plain Java; refuses what cannot be kept. */
@NullMarked
package dev.coppice.aggregator.budget;

import org.jspecify.annotations.NullMarked;
