@NullMarked
package dev.coppice.aggregator.audit;

import org.jspecify.annotations.NullMarked;
