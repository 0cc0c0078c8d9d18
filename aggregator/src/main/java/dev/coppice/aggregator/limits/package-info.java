/** How much a device or an address may ask for, in requests, bytes, connections and time. */
@NullMarked
package dev.coppice.aggregator.limits;

import org.jspecify.annotations.NullMarked;
