/** What leaves over HTTP when something goes wrong. */
@NullMarked
package dev.coppice.aggregator.http;

import org.jspecify.annotations.NullMarked;
