/**
 * Ed25519 and ML-DSA-65 signatures, each for one stated purpose: a signature made for one can never pass for another.
 */
@NullMarked
package dev.coppice.crypto.signing;

import org.jspecify.annotations.NullMarked;
