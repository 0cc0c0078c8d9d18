package dev.coppice.crypto.trust;

import java.util.Locale;

/**
 * Roles that a server signs for, and that {@code targets} delegates to. Nothing that they vouch for is ever installed: see
 * {@link RepositoryView#released}.
 */
public enum OnlineRole {
    /** Adapters between two rounds, {@code candidates/<task>/<file>}: for training and for who promotes them. */
    CANDIDATES("candidates/*/*"),
    /** What becomes of the packs that were released, {@code rollout/<skill>.json}: may choose among them, or halt. */
    ROLLOUT("rollout/*");

    private final String paths;

    OnlineRole(String paths) {
        this.paths = paths;
    }

    /** As metadata calls it. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Trust in the server for the paths of this role, and in nobody else. */
    public Delegation delegation(RoleKeys keys) {
        return Delegation.of(key(), keys, paths);
    }
}
