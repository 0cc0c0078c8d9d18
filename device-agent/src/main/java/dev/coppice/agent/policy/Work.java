package dev.coppice.agent.policy;

import java.util.Optional;

/** A kind of work, with what it takes. */
public enum Work {
    /** Training for this device alone. */
    PERSONALIZE(Optional.of(Consent.LEARN), false),
    /** Taking part in a round. */
    ROUND(Optional.of(Consent.CONTRIBUTE), true),
    /** Fetching a newer skill pack and trying it. */
    UPDATE(Optional.empty(), true);

    private final Optional<Consent> consent;
    private final boolean online;

    Work(Optional<Consent> consent, boolean online) {
        this.consent = consent;
        this.online = online;
    }

    Optional<Consent> consent() {
        return consent;
    }

    boolean isOnline() {
        return online;
    }
}
