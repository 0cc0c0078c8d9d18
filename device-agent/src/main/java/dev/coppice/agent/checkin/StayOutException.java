package dev.coppice.agent.checkin;

/** The device decided not to take part in a round, before anything of its data was used. */
public final class StayOutException extends Exception {
    private final Reason reason;

    /** @param why for the app's developer; names no text, label or secret */
    public StayOutException(Reason reason, String why) {
        super(why);
        this.reason = reason;
    }

    /** The rule that the round broke. */
    public Reason reason() {
        return reason;
    }
}
