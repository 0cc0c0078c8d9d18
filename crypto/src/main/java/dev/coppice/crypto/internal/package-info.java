/** Arithmetic and key derivation that the packages of {@code crypto} share; nobody outside {@code crypto} imports it. */
@NullMarked
package dev.coppice.crypto.internal;

import org.jspecify.annotations.NullMarked;
