package dev.coppice.agent;

import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.crypto.trust.ReleaseKeys;

/**
 * The public keys that an app is built with. Everything else that the agent believes is signed by one of them.
 *
 * @param server of the aggregator: signs rounds
 * @param enrolment of the enrolment authority: says which devices there are; not the aggregator's
 * @param release of those who release skill packs; never on the aggregator's machine
 */
public record TrustAnchors(VerifyingKey server, VerifyingKey enrolment, ReleaseKeys release) {
    /** @throws IllegalArgumentException if aggregator and enrolment authority have the same key */
    public TrustAnchors {
        if (server.equals(enrolment)) {
            throw new IllegalArgumentException("the aggregator may not enrol devices: one key serves for both");
        }
    }
}
