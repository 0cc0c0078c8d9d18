/** Tests of what every message shares. */
@NullMarked
package dev.coppice.protocol;

import org.jspecify.annotations.NullMarked;
