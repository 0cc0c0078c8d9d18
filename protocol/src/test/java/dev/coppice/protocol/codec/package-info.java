/** Tests of reading bytes of unknown origin. */
@NullMarked
package dev.coppice.protocol.codec;

import org.jspecify.annotations.NullMarked;
