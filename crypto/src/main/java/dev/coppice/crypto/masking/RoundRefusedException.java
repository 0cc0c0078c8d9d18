package dev.coppice.crypto.masking;

/** A device's refusal to go on with a round: what the server said breaks a rule. Nothing more leaves the device. */
public final class RoundRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The rule that was broken. An enum, not a subtype each: no reader of one treats it differently from another. */
    public enum Rule {
        /** The terms are not the pinned server's. */
        TERMS_UNSIGNED,
        /** A field of the terms is out of range, or no graph keeps the terms' bounds. */
        TERMS_OUT_OF_RANGE,
        /** Fewer or more devices than the terms allow, or too few for any safe graph. */
        COHORT_SIZE,
        /** The device's own entry is missing from the roster, or is not what the device sent. */
        OWN_ENTRY,
        /** A neighbour is not one that the graph gives, or its place is not proven. */
        NOT_THE_COHORT,
        /** The nonces that decide the graph are not those of the contributors, or too few. */
        BEACON,
        /** A neighbour's certificate is not from the enrolment authority, not valid now, or of another population. */
        CERTIFICATE,
        /** A neighbour's keys are not signed by its certified key for this round. */
        ADVERTISEMENT,
        /** Two members share an identity or a key. */
        DUPLICATE_MEMBER,
        /** A share is not from its neighbour, not for this device, or does not open. */
        SHARE,
        /** Too few neighbours sent shares for the sum to be recoverable. */
        TOO_FEW_SHARES,
        /** The survivors are not the pinned server's statement about this round. */
        SURVIVORS_UNSIGNED,
        /** The survivors contradict what this device saw: itself missing, or not a subset of those who shared. */
        SURVIVORS_INCONSISTENT,
        /** The sum would be over too few devices. */
        TOO_FEW_SURVIVORS,
        /** The survivors do not hang together: one sum over part of them could be singled out. */
        SURVIVORS_SCATTERED,
        /** Too few devices attested the survivors to rule out that as many were told others. */
        TOO_FEW_ATTESTATIONS,
        /** A device of the cohort did not attest the same survivors. */
        VIEWS_DIFFER
    }

    private final Rule rule;
    private final String facts;

    RoundRefusedException(Rule rule, String facts) {
        super(rule + ": " + facts);
        this.rule = rule;
        this.facts = facts;
    }

    public Rule rule() {
        return rule;
    }

    /** The rule and the facts, in words for a log: holds no secret. */
    public String reason() {
        return rule + ": " + facts;
    }
}
