/** Adapter files to values and back, with hard limits on everything read. Never runs code from a file. */
@NullMarked
package dev.coppice.adapters.format;

import org.jspecify.annotations.NullMarked;
