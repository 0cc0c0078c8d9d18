/** Copies of all that an aggregator remembers: tables, blobs and keys, in one file. Plain Java. */
@NullMarked
package dev.coppice.aggregator.backup;

import org.jspecify.annotations.NullMarked;
