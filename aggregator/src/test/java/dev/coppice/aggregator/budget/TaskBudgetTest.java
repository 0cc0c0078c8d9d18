package dev.coppice.aggregator.budget;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.crypto.privacy.Clipping;
import dev.coppice.crypto.privacy.CohortBounds;
import dev.coppice.crypto.privacy.NoisePlan;
import dev.coppice.crypto.privacy.PrivacyLedger;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import dev.coppice.protocol.round.NoiseSource;
import java.util.Collections;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** What the planned noise costs a device that is in every round of the task, by the device's own arithmetic. */
class TaskBudgetTest {
    private static final CohortBounds COHORT = new CohortBounds(20, 30, 0.2, 0.05);
    private static final double DELTA = 1e-8;

    @Test
    void allRoundsOfATaskTogetherKeepItsBudget() throws Exception {
        NoisePlan plan = plan(OptionalDouble.of(4), 6);
        assertThat(spent(plan, 6)).isLessThanOrEqualTo(4);
        assertThat(spent(plan, 7)).isGreaterThan(4);
    }

    @Test
    void withoutABudgetThereIsNoNoise() throws Exception {
        assertThat(plan(OptionalDouble.empty(), 6).isPrivate()).isFalse();
    }

    private static NoisePlan plan(OptionalDouble epsilon, int rounds) throws Exception {
        return new TaskBudget(epsilon, DELTA, rounds)
                .plan(NoiseSource.HONEST_DEVICES, COHORT, 500, new Clipping.Fixed(1), new byte[32]);
    }

    private static double spent(NoisePlan plan, int rounds) {
        return PrivacyLedger.epsilonAfter(Collections.nCopies(rounds, new Charge(plan.noiseMultiplier())), DELTA);
    }
}
