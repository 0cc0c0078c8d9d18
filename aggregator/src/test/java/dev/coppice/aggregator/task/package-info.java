/** What operators may ask for. */
@NullMarked
package dev.coppice.aggregator.task;

import org.jspecify.annotations.NullMarked;
