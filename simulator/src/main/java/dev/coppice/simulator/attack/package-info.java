/**
 * What malicious devices do in simulations: attacks from the literature, each a
 * {@link dev.coppice.simulator.extension.Attack} that scenarios name. Stateless; draws nothing but from what is handed in.
 */
@NullMarked
package dev.coppice.simulator.attack;

import org.jspecify.annotations.NullMarked;
