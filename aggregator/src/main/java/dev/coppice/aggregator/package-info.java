/** The aggregator's main class and wiring. Nobody depends on this package. */
@NullMarked
package dev.coppice.aggregator;

import org.jspecify.annotations.NullMarked;
