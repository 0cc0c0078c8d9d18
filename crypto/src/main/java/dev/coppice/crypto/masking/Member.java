package dev.coppice.crypto.masking;

import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.protocol.Signed;

/**
 * An enrolled device, as it takes part in rounds.
 *
 * @param deviceId as in its certificate
 * @param key its enrolled key; stays the caller's to close, after the round
 * @param certificate of that key, by the enrolment authority
 */
public record Member(String deviceId, SigningKey key, Signed certificate) {}
