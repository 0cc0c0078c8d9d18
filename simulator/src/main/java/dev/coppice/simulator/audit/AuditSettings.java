package dev.coppice.simulator.audit;

import dev.coppice.crypto.privacy.Clipping;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.PrivacyGoal;

/**
 * What an audit plays. Each device takes part in as many rounds as the goal grants, one after the other, and then others
 * come: {@code rounds / participations} populations, each of as many devices as a cohort has.
 *
 * @param goal the claim to be tried
 * @param rounds of all populations together; a multiple of the participations
 * @param devices of a cohort, 20 to 5,000
 * @param dimension values in an update, 512 to 2^20: in fewer, random directions are not nearly orthogonal
 * @param count whether devices tell who was within the clip norm, as for an adaptive one, by a count in the same sum. One
 *     number says nothing of one coin among many: then each population has one canary, and there are 20 or more of them
 * @param confidence with which a claim is refuted, above 0 and below 1: of all bounds together
 */
public record AuditSettings(
        PrivacyGoal goal, int rounds, int devices, int dimension, boolean count, double confidence) {
    private static final double DROPOUT_BOUND = 0.1;
    private static final double CORRUPTION_BOUND = 0.05;
    private static final int BOUNDS = 3;
    private static final int COUNTED_MIN = 20;

    public AuditSettings {
        require(rounds >= 1 && rounds % goal.participations() == 0, "rounds", rounds);
        require(devices >= 20 && devices <= 5000, "devices", devices);
        require(dimension >= 512 && dimension <= 1 << 20, "dimension", dimension);
        require(!count || rounds / goal.participations() >= COUNTED_MIN, "rounds with one canary each", rounds);
        require(confidence > 0 && confidence < 1, "confidence", confidence);
    }

    private static void require(boolean holds, String what, double value) {
        if (!holds) {
            throw new IllegalArgumentException("Not possible as " + what + " of an audit: " + value);
        }
    }

    /** How many sets of devices play. */
    int populations() {
        return rounds / goal.participations();
    }

    /** The bounds that the noise reckons with; an audit has as many drop-outs and bad devices as they allow. */
    CohortBounds cohort() {
        return new CohortBounds(devices, devices, DROPOUT_BOUND, CORRUPTION_BOUND);
    }

    /** Devices of a cohort that are honest and stay. */
    int honest() {
        return cohort().honestMin();
    }

    /** Honest devices of a cohort that a coin is flipped for. */
    int canaries() {
        return count ? 1 : honest();
    }

    Clipping clipping() {
        double norm = AuditedFleet.CLIP_NORM;
        return count ? new Clipping.Adaptive(norm, 0.5, Clipping.Adaptive.RATE_USUAL) : new Clipping.Fixed(norm);
    }

    /** Devices of a cohort that stay: the honest ones first, then those that add no noise. */
    int staying() {
        return cohort().survivorsMin(devices);
    }

    /** Of each bound, so that all hold with {@link #confidence}. */
    double confidenceOfEach() {
        return 1 - (1 - confidence) / BOUNDS;
    }
}
