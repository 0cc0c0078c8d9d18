@NullMarked
package dev.coppice.aggregator.limits;

import org.jspecify.annotations.NullMarked;
