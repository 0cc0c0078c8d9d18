/** Keys, secret bytes, and the source of randomness. Pure functions and state machines: nothing here does I/O. */
@NullMarked
package dev.coppice.crypto;

import org.jspecify.annotations.NullMarked;
