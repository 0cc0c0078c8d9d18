package dev.coppice.aggregator.budget;

import dev.coppice.crypto.privacy.Clipping;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PrivacyGoal;
import dev.coppice.crypto.privacy.PrivacyRefusedException;
import dev.coppice.protocol.round.NoiseSource;
import java.util.OptionalDouble;

/**
 * A task's privacy budget: epsilon at delta over all its rounds, where every round counts, the aborted ones too, since a
 * device's masked input may have left it. Each device charges its own ledger; what is planned here binds nobody but us.
 *
 * @param epsilon empty: no noise
 */
public record TaskBudget(OptionalDouble epsilon, double delta, int rounds) {
    /**
     * The least noise that keeps the budget.
     *
     * @param source whose noise counts
     * @param dimension values in an update
     * @param rotationSeed 32 public bytes
     * @throws PrivacyRefusedException if no permitted encoding keeps it, with the reason and the number of rounds that could
     * @throws IllegalArgumentException if a value is out of range, with the reason
     */
    public NoisePlan plan(
            NoiseSource source, CohortBounds cohort, int dimension, Clipping clipping, byte[] rotationSeed)
            throws PrivacyRefusedException {
        if (epsilon.isEmpty()) {
            return NoisePlan.off(cohort, dimension, clipping, rotationSeed);
        }
        try {
            return calibrated(rounds, source, cohort, dimension, clipping, rotationSeed);
        } catch (PrivacyRefusedException e) {
            int fewer = roundsPossible(source, cohort, dimension, clipping, rotationSeed);
            throw new PrivacyRefusedException(
                    e.getMessage() + (fewer == 0 ? ". Not even one round keeps it" : ". " + fewer + " rounds keep it"));
        }
    }

    /** The most rounds that keep the budget, below those that are asked for; more rounds need more noise. */
    private int roundsPossible(
            NoiseSource source, CohortBounds cohort, int dimension, Clipping clipping, byte[] rotationSeed) {
        int possible = 0;
        int impossible = rounds;
        while (impossible - possible > 1) {
            int between = (possible + impossible) / 2;
            try {
                calibrated(between, source, cohort, dimension, clipping, rotationSeed);
                possible = between;
            } catch (PrivacyRefusedException e) {
                impossible = between;
            }
        }
        return possible;
    }

    private NoisePlan calibrated(
            int participations,
            NoiseSource source,
            CohortBounds cohort,
            int dimension,
            Clipping clipping,
            byte[] rotationSeed)
            throws PrivacyRefusedException {
        PrivacyGoal goal = new PrivacyGoal(epsilon.getAsDouble(), delta, participations);
        return NoisePlan.calibrate(source, goal, cohort, dimension, clipping, rotationSeed);
    }
}
