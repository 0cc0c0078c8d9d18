/** Messages of a training round. */
@NullMarked
package dev.coppice.protocol.round;

import org.jspecify.annotations.NullMarked;
