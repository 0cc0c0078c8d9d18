/** Blobs as files named by their hash, written whole or not at all. */
@NullMarked
package dev.coppice.aggregator.store.folder;

import org.jspecify.annotations.NullMarked;
