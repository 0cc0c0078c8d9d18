/** Tests of where adapters go. */
@NullMarked
package dev.coppice.adapters.fusion;

import org.jspecify.annotations.NullMarked;
