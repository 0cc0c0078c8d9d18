/**
 * Attacks on the privacy of real rounds: made-up devices take part through the code that real ones run, canaries are put
 * into their updates by coin flips, and from what the server sees is estimated what it could know. Nothing here handles
 * the update of a person.
 */
@NullMarked
package dev.coppice.simulator.audit;

import org.jspecify.annotations.NullMarked;
