@NullMarked
package dev.coppice.aggregator.store.jdbc;

import org.jspecify.annotations.NullMarked;
