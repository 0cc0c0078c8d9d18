package dev.coppice.aggregator.http;

import dev.coppice.crypto.signing.VerifyingKey;

/** The keys that devices pin. */
public record PublicKeys(VerifyingKey server, VerifyingKey enrolment) {}
