/** Identifiers, limits and the messages that every part shares; knows nobody else. */
@NullMarked
package dev.coppice.protocol;

import org.jspecify.annotations.NullMarked;
