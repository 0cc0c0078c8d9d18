/** The server's certificate and key, from files that may change while it runs. */
@NullMarked
package dev.coppice.aggregator.tls;

import org.jspecify.annotations.NullMarked;
