/** Tests of the figures of rounds of metrics. */
@NullMarked
package dev.coppice.crypto.metrics;

import org.jspecify.annotations.NullMarked;
