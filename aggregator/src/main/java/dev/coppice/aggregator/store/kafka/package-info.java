/** Masked inputs and what happens to rounds, in Apache Kafka. The only home of its clients. */
@NullMarked
package dev.coppice.aggregator.store.kafka;

import org.jspecify.annotations.NullMarked;
