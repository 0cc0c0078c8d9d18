/**
 * Estimates, from below, of what releases reveal: from canaries that were inserted by coin flips, and from masked inputs
 * that should look like noise. Pure functions of what was observed; they draw nothing and keep nothing.
 *
 * <p>A bound that exceeds what an account claims refutes the claim. One that does not proves nothing: it only says that
 * this attack, with so many canaries, saw no more.
 */
@NullMarked
package dev.coppice.crypto.privacy.audit;

import org.jspecify.annotations.NullMarked;
