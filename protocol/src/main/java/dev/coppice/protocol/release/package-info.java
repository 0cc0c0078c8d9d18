/** Messages of a signed release. */
@NullMarked
package dev.coppice.protocol.release;

import org.jspecify.annotations.NullMarked;
