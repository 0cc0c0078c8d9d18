package dev.coppice.agent.policy;

/** Why a device does not work now. */
public enum Obstacle {
    /** Its user has not allowed it, or not any more. */
    NO_CONSENT,
    /** The operator has halted all devices of the population. */
    HALTED,
    /** It is one of the hours in which the device rests. */
    QUIET_HOURS,
    /** The device does not tell its state. */
    UNKNOWN_STATE,
    NOT_CHARGING,
    BATTERY_LOW,
    TOO_HOT,
    OFFLINE,
    NETWORK_METERED,
    /** Its user uses it. */
    IN_USE,
    /** It has worked as long as it may today. */
    WORK_SPENT,
    /** It has sent and received as much as it may today. */
    BYTES_SPENT,
    /** It has taken part in as many rounds as it may today. */
    PARTICIPATIONS_SPENT
}
