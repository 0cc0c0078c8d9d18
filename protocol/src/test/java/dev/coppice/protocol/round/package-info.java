/** Tests of what messages of a round say. */
@NullMarked
package dev.coppice.protocol.round;

import org.jspecify.annotations.NullMarked;
