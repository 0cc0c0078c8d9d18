@NullMarked
package dev.coppice.simulator.attack;

import org.jspecify.annotations.NullMarked;
