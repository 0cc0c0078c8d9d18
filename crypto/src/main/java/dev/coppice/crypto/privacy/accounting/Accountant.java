package dev.coppice.crypto.privacy.accounting;

/** Turns events into epsilon at a delta, and delta at an epsilon; never less than the truth. */
public interface Accountant {
    /**
     * The epsilon that {@code event} costs; infinite if no epsilon goes with so small a delta.
     *
     * @param delta above 0, below 1
     * @throws EventNotSupportedException if this accountant has no bound for the event
     */
    double epsilon(PrivacyEvent event, double delta) throws EventNotSupportedException;

    /**
     * The delta that goes with an epsilon, 0 to 1.
     *
     * @param epsilon 0 and more
     * @throws EventNotSupportedException if this accountant has no bound for the event
     */
    double delta(PrivacyEvent event, double epsilon) throws EventNotSupportedException;
}
