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
     * @throws PrivacyRefusedException if no permitted encoding keeps it, with the reason
     * @throws IllegalArgumentException if a value is out of range, with the reason
     */
    public NoisePlan plan(
            NoiseSource source, CohortBounds cohort, int dimension, Clipping clipping, byte[] rotationSeed)
            throws PrivacyRefusedException {
        if (epsilon.isEmpty()) {
            return NoisePlan.off(cohort, dimension, clipping, rotationSeed);
        }
        PrivacyGoal goal = new PrivacyGoal(epsilon.getAsDouble(), delta, rounds);
        return NoisePlan.calibrate(source, goal, cohort, dimension, clipping, rotationSeed);
    }
}
