/** How packs do on devices, by what rounds of metrics tell. Plain Java; knows no single device. */
@NullMarked
package dev.coppice.aggregator.guard;

import org.jspecify.annotations.NullMarked;
