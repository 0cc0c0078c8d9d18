/** Bytes in, status out: HTTP for devices and operators. Decides nothing, and shows neither secrets nor stack traces. */
@NullMarked
package dev.coppice.aggregator.http;

import org.jspecify.annotations.NullMarked;
