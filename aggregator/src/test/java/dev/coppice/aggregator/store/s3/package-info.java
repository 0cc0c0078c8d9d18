@NullMarked
package dev.coppice.aggregator.store.s3;

import org.jspecify.annotations.NullMarked;
