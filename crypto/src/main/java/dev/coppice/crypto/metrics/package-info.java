/** What devices may be asked in rounds of metrics, and how large their answers are at most. */
@NullMarked
package dev.coppice.crypto.metrics;

import org.jspecify.annotations.NullMarked;
