package dev.coppice.agent;

import dev.coppice.crypto.RandomSource;
import dev.coppice.crypto.signing.SigningKey;
import dev.coppice.crypto.signing.VerifyingKey;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.Role;
import dev.coppice.crypto.trust.RoleKeys;
import dev.coppice.crypto.trust.RootMetadata;
import dev.coppice.crypto.trust.Signatory;
import dev.coppice.crypto.trust.SignedFile;
import dev.coppice.crypto.trust.TrustedRoot;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

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
    private static final Instant ENDLESS = Instant.parse("9999-12-31T00:00:00Z");

    /**
     * Keys that nobody has: for an agent that works for its own user alone, which nobody can then give rounds or packs.
     *
     * @param random of the keys, whose private halves are forgotten
     */
    public static TrustAnchors nobody(RandomSource random) {
        try (Signatory forgotten = Signatory.generate(random)) {
            Map<Role, RoleKeys> roles = new EnumMap<>(Role.class);
            for (Role role : Role.values()) {
                roles.put(role, RoleKeys.of(List.of(forgotten.keys()), 1));
            }
            SignedFile root = new RootMetadata(1, ENDLESS, roles).draft().signedBy(forgotten);
            return new TrustAnchors(unknown(random), unknown(random), TrustedRoot.pinned(root.toBytes()));
        } catch (MetadataRefusedException e) {
            throw new IllegalStateException("a root does not believe itself", e);
        }
    }

    private static VerifyingKey unknown(RandomSource random) {
        try (SigningKey key = SigningKey.generate(random)) {
            return key.verifyingKey();
        }
    }

    /** @throws IllegalArgumentException if aggregator and enrolment authority have the same key */
    public TrustAnchors {
        if (server.equals(enrolment)) {
            throw new IllegalArgumentException("the aggregator may not enrol devices: one key serves for both");
        }
    }
}
