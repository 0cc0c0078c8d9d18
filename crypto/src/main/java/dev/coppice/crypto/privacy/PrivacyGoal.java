package dev.coppice.crypto.privacy;

/**
 * What a device's participations may cost it, all together.
 *
 * @param epsilon above 0
 * @param delta above 0, below 1
 * @param participations how many rounds a device may take part in, counting aborted ones and retries; 1 to 10^6
 */
public record PrivacyGoal(double epsilon, double delta, int participations) {
    private static final int PARTICIPATIONS_MAX = 1_000_000;

    public PrivacyGoal {
        if (!(epsilon > 0 && epsilon < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("Epsilon must be above 0, not " + epsilon);
        }
        if (!(delta > 0 && delta < 1)) {
            throw new IllegalArgumentException("Delta must be above 0 and below 1, not " + delta);
        }
        if (participations < 1 || participations > PARTICIPATIONS_MAX) {
            throw new IllegalArgumentException("Participations must be 1 to 1000000, not " + participations);
        }
    }
}
