package dev.coppice.agent;

import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.crypto.trust.TrustedRoot;

/**
 * What an app is built with. Everything else that the agent believes is signed by one of these keys, or by keys that they
 * signed for.
 *
 * @param server of the aggregator: signs rounds
 * @param enrolment of the enrolment authority: says which devices there are; not the aggregator's
 * @param repository root of the repository of skill packs: says, by keys that are never on the aggregator's machine, who
 *     may release
 */
public record TrustAnchors(VerifyingKey server, VerifyingKey enrolment, TrustedRoot repository) {
    /** @throws IllegalArgumentException if aggregator and enrolment authority have the same key */
    public TrustAnchors {
        if (server.equals(enrolment)) {
            throw new IllegalArgumentException("the aggregator may not enrol devices: one key serves for both");
        }
    }
}
