/** Blobs on disk: named by what is in them, and nothing outside their folder. */
@NullMarked
package dev.coppice.aggregator.store.folder;

import org.jspecify.annotations.NullMarked;
