/** Tests of adapter files. */
@NullMarked
package dev.coppice.adapters.format;

import org.jspecify.annotations.NullMarked;
