package dev.coppice.aggregator.store;

/** What became of a message that a device sent to a round. */
public enum Taken {
    /** Stored now. */
    TAKEN,
    /** These very bytes were stored before: the device is retrying. */
    ALREADY_TAKEN,
    /** Other bytes were stored before; those stay. */
    DIFFERENT,
    /** Stored while its phase closed: whether that was in time is known in a moment. */
    UNDECIDED,
    /** Its phase is over. */
    TOO_LATE,
    /** Its phase has not begun. */
    TOO_EARLY,
    /** The cohort has no place left. */
    FULL,
    /** The device is not in the cohort. */
    NOT_A_MEMBER,
    /** There is no such round. */
    NO_SUCH_ROUND
}
