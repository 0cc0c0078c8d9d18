/**
 * Ed25519 and ML-DSA-65 signatures, each for one stated purpose: a signature made for one can never pass for another. A
 * key's identifier names its algorithm, so that nobody reads a key as one of the other kind.
 */
@NullMarked
package dev.coppice.crypto.signing;

import org.jspecify.annotations.NullMarked;
