package dev.coppice.aggregator.store;

/** How many devices each step of a round was taken from. */
public record Tally(int advertised, int opened, int shared, int masked, int attested, int unmasked) {
    public static final Tally NONE = new Tally(0, 0, 0, 0, 0, 0);

    public int of(Step step) {
        return switch (step) {
            case ADVERTISE -> advertised;
            case OPEN -> opened;
            case SHARES -> shared;
            case MASKED -> masked;
            case ATTEST -> attested;
            case UNMASK -> unmasked;
        };
    }

    public Tally plusOne(Step step) {
        return switch (step) {
            case ADVERTISE -> new Tally(advertised + 1, opened, shared, masked, attested, unmasked);
            case OPEN -> new Tally(advertised, opened + 1, shared, masked, attested, unmasked);
            case SHARES -> new Tally(advertised, opened, shared + 1, masked, attested, unmasked);
            case MASKED -> new Tally(advertised, opened, shared, masked + 1, attested, unmasked);
            case ATTEST -> new Tally(advertised, opened, shared, masked, attested + 1, unmasked);
            case UNMASK -> new Tally(advertised, opened, shared, masked, attested, unmasked + 1);
        };
    }
}
