@NullMarked
package dev.coppice.aggregator.access;

import org.jspecify.annotations.NullMarked;
