package dev.coppice.agent.upload;

import dev.coppice.crypto.signing.SigningKey;

/** Who signs a request. The key stays the caller's. */
public record Sender(String deviceId, SigningKey key) {}
