@NullMarked
package dev.coppice.aggregator.tls;

import org.jspecify.annotations.NullMarked;
