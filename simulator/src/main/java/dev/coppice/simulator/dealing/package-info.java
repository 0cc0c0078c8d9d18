/** The shipped ways to deal texts out to devices. */
@NullMarked
package dev.coppice.simulator.dealing;

import org.jspecify.annotations.NullMarked;
