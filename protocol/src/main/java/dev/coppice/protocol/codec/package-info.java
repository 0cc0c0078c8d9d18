/** From bytes to messages, with a limit on every length. Never reads more than it was told to. */
@NullMarked
package dev.coppice.protocol.codec;

import org.jspecify.annotations.NullMarked;
