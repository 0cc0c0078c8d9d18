package dev.coppice.adapters.pack;

/**
 * What a device spent at most to help make a skill pack.
 *
 * @param mechanism {@code distributed-discrete-gaussian}, or {@value #NONE} if nothing was noised
 * @param epsilon of the whole lineage; 0 and without meaning if the mechanism is {@value #NONE}
 * @param delta of the whole lineage, 0 to 1
 * @param noiseMultiplier standard deviation of the sum's noise over the clip norm
 * @param participations rounds that one device may have taken part in
 */
public record PrivacyFacts(String mechanism, double epsilon, double delta, double noiseMultiplier, int participations) {
    public static final String NONE = "none";

    /** @throws IllegalArgumentException if a value is out of range */
    public PrivacyFacts {
        boolean fits = !mechanism.isBlank()
                && Double.isFinite(epsilon)
                && epsilon >= 0
                && delta >= 0
                && delta < 1
                && Double.isFinite(noiseMultiplier)
                && noiseMultiplier >= 0
                && participations >= 0;
        if (!fits) {
            throw new IllegalArgumentException("facts about privacy are out of range");
        }
    }

    /** Nothing was noised and nothing is promised. */
    public static PrivacyFacts none(int participations) {
        return new PrivacyFacts(NONE, 0, 0, 0, participations);
    }
}
