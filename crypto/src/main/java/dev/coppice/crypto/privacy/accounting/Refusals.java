package dev.coppice.crypto.privacy.accounting;

/** How accountants refuse an event. */
final class Refusals {
    private Refusals() {}

    static void ifNeeded(PrivacyEvent event, String accountant, boolean refused) throws EventNotSupportedException {
        if (refused) {
            throw new EventNotSupportedException("The " + accountant + " accountant has no bound for "
                    + event.getClass().getSimpleName() + ": " + event);
        }
    }
}
