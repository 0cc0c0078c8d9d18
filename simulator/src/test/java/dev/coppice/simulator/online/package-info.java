@NullMarked
package dev.coppice.simulator.online;

import org.jspecify.annotations.NullMarked;
