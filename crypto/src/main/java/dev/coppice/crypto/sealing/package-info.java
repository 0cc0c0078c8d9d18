/**
 * Encryption to one recipient: HPKE (RFC 9180) in base mode with X25519 or X-Wing, HKDF-SHA256 and AES-256-GCM; short
 * messages whole, long ones as a stream of chunks under an exported key. Streams are handed in and left open.
 */
@NullMarked
package dev.coppice.crypto.sealing;

import org.jspecify.annotations.NullMarked;
