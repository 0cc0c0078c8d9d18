/** Tests of what is told of packs. */
@NullMarked
package dev.coppice.aggregator.guard;

import org.jspecify.annotations.NullMarked;
