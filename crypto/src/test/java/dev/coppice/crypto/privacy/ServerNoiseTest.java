package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.crypto.SecretBytes;
import dev.coppice.protocol.round.NoiseSource;
import dev.coppice.testkit.SeededBytes;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Two sums under one noise differ by what they differ in: so each round and group has its own, and always the same. */
class ServerNoiseTest {
    private static final CohortBounds COHORT = new CohortBounds(100, 100, 0.1, 0.05);
    private static final PrivacyGoal GOAL = new PrivacyGoal(8, 1e-8, 6);

    @Test
    void aSumThatIsComputedAgainGetsTheSameNoiseAndNoOtherDoes() throws PrivacyRefusedException {
        int[] first = noise(1, "round-1", 0);
        assertThat(noise(1, "round-1", 0)).isEqualTo(first);
        assertThat(unlike(first, noise(1, "round-2", 0))).isGreaterThan(4000);
        assertThat(unlike(first, noise(1, "round-1", 1))).isGreaterThan(4000);
        assertThat(unlike(first, noise(2, "round-1", 0))).isGreaterThan(4000);
    }

    @Test
    void itIsAsMuchAsThePlanSays() throws PrivacyRefusedException {
        int[] noise = noise(3, "round-1", 0);
        double deviation = Math.sqrt(
                Arrays.stream(noise).mapToDouble(v -> (double) v * v).average().orElseThrow());
        int sigma = plan(NoiseSource.SERVER).serverSigma();
        assertThat(deviation).isBetween(0.95 * sigma, 1.05 * sigma); // 4.3 standard deviations
    }

    @Test
    void whereTheTermsDoNotPromiseItNoneIsAdded() throws PrivacyRefusedException {
        NoisePlan plan = plan(NoiseSource.HONEST_DEVICES);
        try (ServerNoise noise = new ServerNoise(key(1))) {
            assertThatThrownBy(() -> noise.addTo(new int[4096], plan, "round-1", 0))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static long unlike(int[] one, int[] other) {
        long unlike = 0;
        for (int i = 0; i < one.length; i++) {
            unlike += one[i] == other[i] ? 0 : 1;
        }
        return unlike;
    }

    private static int[] noise(long key, String round, int group) throws PrivacyRefusedException {
        int[] sum = new int[4096];
        try (ServerNoise noise = new ServerNoise(key(key))) {
            noise.addTo(sum, plan(NoiseSource.SERVER), round, group);
        }
        return sum;
    }

    private static NoisePlan plan(NoiseSource source) throws PrivacyRefusedException {
        return NoisePlan.calibrate(source, GOAL, COHORT, 4096, new Clipping.Fixed(1), new byte[32]);
    }

    private static SecretBytes key(long seed) {
        byte[] bytes = new byte[32];
        new SeededBytes(seed).fill(bytes);
        return SecretBytes.of(bytes);
    }
}
