@NullMarked
package dev.coppice.aggregator.store.kafka;

import org.jspecify.annotations.NullMarked;
