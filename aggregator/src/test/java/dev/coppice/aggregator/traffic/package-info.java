/** What devices of released versions sent, and were answered, kept in files and sent again to the present server. */
@NullMarked
package dev.coppice.aggregator.traffic;

import org.jspecify.annotations.NullMarked;
