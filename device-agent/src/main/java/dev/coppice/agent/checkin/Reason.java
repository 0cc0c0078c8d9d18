package dev.coppice.agent.checkin;

/** Why a device stays out of a round. */
public enum Reason {
    /** It holds no certificate. */
    NOT_ENROLLED,
    /** Its clock differs from the aggregator's, which does not say by how much. */
    CLOCK_OFF,
    /** It has fewer examples to train on than the task wants, or none that the task can use. */
    TOO_FEW_EXAMPLES,
    /** The terms are not signed by the aggregator whose key is pinned, or a field is out of range. */
    TERMS_REFUSED,
    /** The terms are of another skill than the app's. */
    OTHER_SKILL,
    /** The terms are of another base model than the device's. */
    OTHER_BASE_MODEL,
    /** Training would take more steps than the device allows. */
    TOO_MUCH_WORK,
    /** The terms' noise gives less privacy than they promise, or less than the device insists on. */
    TOO_LITTLE_NOISE,
    /** The terms reckon with fewer devices that work with the aggregator than this device does. */
    TOO_MUCH_TRUST,
    /** The terms agree on keys by X25519 alone, and the device insists on ML-KEM-768 as well. */
    KEYS_NOT_HYBRID,
    /** With this round the device would have spent more epsilon than its owner allows. */
    BUDGET_SPENT,
    /** The device entered this round before, perhaps before a crash. */
    ALREADY_ENTERED,
    /** The training kit that the device derives is not the one in the terms. */
    OTHER_KIT,
    /** The adapter to start from is not the one in the terms, or does not fit the kit. */
    CANDIDATE_REFUSED,
    /** The engine could not train. */
    TRAINING_FAILED,
    /** The aggregator does not accept this device's request. */
    SERVER_REFUSED
}
