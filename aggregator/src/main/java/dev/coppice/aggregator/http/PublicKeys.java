package dev.coppice.aggregator.http;

import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.crypto.trust.HolderKeys;
import java.util.Map;

/**
 * The keys that devices pin, and those that operators name in the repository's metadata.
 *
 * @param repository by role
 * @param log of the transparency log, as signed notes have it
 */
public record PublicKeys(VerifyingKey server, VerifyingKey enrolment, Map<String, HolderKeys> repository, String log) {}
