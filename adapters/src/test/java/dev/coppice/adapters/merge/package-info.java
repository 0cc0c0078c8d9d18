/** Merge rules against figures worked out by hand. */
@NullMarked
package dev.coppice.adapters.merge;

import org.jspecify.annotations.NullMarked;
