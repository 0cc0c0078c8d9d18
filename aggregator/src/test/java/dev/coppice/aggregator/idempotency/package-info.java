/** Tests of requests that are sent again. */
@NullMarked
package dev.coppice.aggregator.idempotency;

import org.jspecify.annotations.NullMarked;
