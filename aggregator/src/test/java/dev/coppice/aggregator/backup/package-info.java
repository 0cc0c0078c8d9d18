/** Backups: what is in them, and what is made of them. */
@NullMarked
package dev.coppice.aggregator.backup;

import org.jspecify.annotations.NullMarked;
