/** One contract for all stores. */
@NullMarked
package dev.coppice.aggregator.store;

import org.jspecify.annotations.NullMarked;
