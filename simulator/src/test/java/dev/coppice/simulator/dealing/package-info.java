/** Tests of partitions. */
@NullMarked
package dev.coppice.simulator.dealing;

import org.jspecify.annotations.NullMarked;
