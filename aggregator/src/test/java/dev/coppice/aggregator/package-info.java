/** Tests of the aggregator as a whole: real HTTP, real database, real processes. */
@NullMarked
package dev.coppice.aggregator;

import org.jspecify.annotations.NullMarked;
