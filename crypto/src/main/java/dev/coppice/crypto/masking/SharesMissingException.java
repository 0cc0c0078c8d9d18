package dev.coppice.crypto.masking;

import java.util.List;

/** Too few good shares of a secret have come in to unmask the sum. More may still come. */
public final class SharesMissingException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Fault> faults;

    SharesMissingException(String reason, List<Fault> faults) {
        super(reason);
        this.faults = List.copyOf(faults);
    }

    /** What devices did wrong with shares, as far as it can be proven. */
    public List<Fault> faults() {
        return faults;
    }
}
