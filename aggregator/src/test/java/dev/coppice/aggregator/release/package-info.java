/** What a release must be to be offered. */
@NullMarked
package dev.coppice.aggregator.release;

import org.jspecify.annotations.NullMarked;
