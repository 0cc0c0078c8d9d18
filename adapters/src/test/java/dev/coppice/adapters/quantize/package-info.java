/** Small weights: written, read, multiplied with and trained on top of. */
@NullMarked
package dev.coppice.adapters.quantize;

import org.jspecify.annotations.NullMarked;
