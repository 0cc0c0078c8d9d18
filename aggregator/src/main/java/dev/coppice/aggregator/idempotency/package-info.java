/** Requests that are sent again are answered again, and done once. Plain Java. Must never keep an answer in the clear. */
@NullMarked
package dev.coppice.aggregator.idempotency;

import org.jspecify.annotations.NullMarked;
