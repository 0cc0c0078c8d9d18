@NullMarked
package dev.coppice.aggregator.budget;

import org.jspecify.annotations.NullMarked;
