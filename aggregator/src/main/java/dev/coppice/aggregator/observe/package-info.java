/** What operators see of a running process: metrics, traces, health. Looks on and changes nothing. */
@NullMarked
package dev.coppice.aggregator.observe;

import org.jspecify.annotations.NullMarked;
