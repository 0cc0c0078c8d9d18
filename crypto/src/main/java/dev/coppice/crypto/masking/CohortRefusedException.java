package dev.coppice.crypto.masking;

/** No graph and threshold keep the bounds that are asked of this cohort. */
public final class CohortRefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String reason;

    CohortRefusedException(String reason) {
        super(reason);
        this.reason = reason;
    }

    public String reason() {
        return reason;
    }
}
