/** Files of a process: blobs by their hash, masked inputs of open rounds, and what its owner alone may read. */
@NullMarked
package dev.coppice.aggregator.store.folder;

import org.jspecify.annotations.NullMarked;
