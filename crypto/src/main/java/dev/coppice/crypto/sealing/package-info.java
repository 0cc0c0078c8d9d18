/** Encryption to one recipient: HPKE (RFC 9180), base mode, X25519 with HKDF-SHA256 and AES-256-GCM. */
@NullMarked
package dev.coppice.crypto.sealing;

import org.jspecify.annotations.NullMarked;
