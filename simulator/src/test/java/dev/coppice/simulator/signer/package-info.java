@NullMarked
package dev.coppice.simulator.signer;

import org.jspecify.annotations.NullMarked;
