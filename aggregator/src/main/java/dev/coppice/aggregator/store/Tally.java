package dev.coppice.aggregator.store;

/** How many devices each step of a round was taken from. */
public record Tally(int advertised, int shared, int masked, int attested, int unmasked) {
    public static final Tally NONE = new Tally(0, 0, 0, 0, 0);

    public int of(Step step) {
        return switch (step) {
            case ADVERTISE -> advertised;
            case SHARES -> shared;
            case MASKED -> masked;
            case ATTEST -> attested;
            case UNMASK -> unmasked;
        };
    }

    public Tally plusOne(Step step) {
        return switch (step) {
            case ADVERTISE -> new Tally(advertised + 1, shared, masked, attested, unmasked);
            case SHARES -> new Tally(advertised, shared + 1, masked, attested, unmasked);
            case MASKED -> new Tally(advertised, shared, masked + 1, attested, unmasked);
            case ATTEST -> new Tally(advertised, shared, masked, attested + 1, unmasked);
            case UNMASK -> new Tally(advertised, shared, masked, attested, unmasked + 1);
        };
    }
}
