/** What is trained for a skill, as an operator defines it and as it is kept. Plain Java. */
@NullMarked
package dev.coppice.aggregator.task;

import org.jspecify.annotations.NullMarked;
