/** The native engines and their memory: the only home of foreign calls. No native type or address leaves it. */
@NullMarked
package dev.coppice.adapters.runtime;

import org.jspecify.annotations.NullMarked;
