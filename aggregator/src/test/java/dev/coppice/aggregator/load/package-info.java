/** How many masked inputs an aggregator takes; run by hand, on machines that do nothing else. */
@NullMarked
package dev.coppice.aggregator.load;

import org.jspecify.annotations.NullMarked;
