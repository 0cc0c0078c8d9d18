package dev.coppice.adapters.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.testkit.SeededBytes;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Tokens that are drawn. */
class SamplerTest {
    private static final int ALL = Integer.MAX_VALUE;
    /** Probabilities 0.5, 0.25, 0.125, 0.0625 and 0.0625 in another order. */
    private static final float[] HALVES = {ln(0.0625), ln(0.5), ln(0.125), ln(0.25), ln(0.0625)};

    @Test
    void noTemperatureTakesTheFirstOfTheLikeliest() throws Exception {
        Sampler sampler = new Sampler(Sampling.greedy(), bytes -> {
            throw new AssertionError("nothing is drawn");
        });
        assertThat(sampler.choose(new float[] {1, 3, 3, 2})).isEqualTo(1);
    }

    @Test
    void tokensAreDrawnAsOftenAsTheirProbabilitySays() throws Exception {
        assertThat(shares(new Sampling(1, ALL, 1, 1)))
                .containsExactly(new double[] {0.0625, 0.5, 0.125, 0.25, 0.0625}, offset(0.02));
    }

    @Test
    void aTemperatureOfAHalfSquaresTheOdds() throws Exception {
        double total = 0.25 + 0.0625 + 0.015625 + 2 * 0.00390625;
        double[] expected = {0.00390625 / total, 0.25 / total, 0.015625 / total, 0.0625 / total, 0.00390625 / total};
        assertThat(shares(new Sampling(0.5, ALL, 1, 1))).containsExactly(expected, offset(0.02));
    }

    @Test
    void topKKeepsTheLikeliest() throws Exception {
        assertThat(shares(new Sampling(1, 2, 1, 1)))
                .containsExactly(new double[] {0, 2.0 / 3, 0, 1.0 / 3, 0}, offset(0.02));
    }

    @Test
    void topPKeepsAsFewAsAreEnough() throws Exception {
        assertThat(shares(new Sampling(1, ALL, 0.75, 1)))
                .containsExactly(new double[] {0, 2.0 / 3, 0, 1.0 / 3, 0}, offset(0.02));
        assertThat(shares(new Sampling(1, ALL, 0.76, 1))[2]).isGreaterThan(0.1);
        assertThat(shares(new Sampling(1, ALL, 0.01, 1))[1]).isEqualTo(1);
    }

    @Test
    void topPCountsWhatTopKHasLeft() throws Exception {
        assertThat(shares(new Sampling(1, 2, 0.66, 1))[1]).isEqualTo(1);
        assertThat(shares(new Sampling(1, 2, 0.67, 1))[3]).isGreaterThan(0.3);
    }

    @Test
    void aRepetitionPenaltyWeakensWhatIsThereAlready() throws Exception {
        Sampler sampler = new Sampler(new Sampling(0, ALL, 1, 2), bytes -> {});
        assertThat(sampler.choose(new float[] {3, 2, -1})).isZero();
        sampler.see(0);
        assertThat(sampler.choose(new float[] {3, 2, -1})).isEqualTo(1);
        assertThat(sampler.choose(new float[] {-1, -1.5f, -3})).isEqualTo(1);
    }

    @Test
    void aTokenThatCannotBeIsNeverDrawn() throws Exception {
        float[] logits = {Float.NEGATIVE_INFINITY, 0, Float.NEGATIVE_INFINITY};
        Sampler sampler = new Sampler(new Sampling(1, ALL, 1, 1), bytes -> Arrays.fill(bytes, (byte) -1));
        assertThat(sampler.choose(logits)).isEqualTo(1);
    }

    @Test
    void logitsThatAreNoNumbersAreRefused() {
        Sampler sampler = new Sampler(Sampling.greedy(), bytes -> {});
        assertThatThrownBy(() -> sampler.choose(new float[] {1, Float.NaN})).isInstanceOf(EngineException.class);
    }

    private static double[] shares(Sampling sampling) throws Exception {
        int draws = 10_000;
        int[] counts = new int[HALVES.length];
        Sampler sampler = new Sampler(sampling, new SeededBytes(1)::fill);
        for (int i = 0; i < draws; i++) {
            counts[sampler.choose(HALVES.clone())]++;
        }
        return Arrays.stream(counts)
                .mapToDouble(count -> (double) count / draws)
                .toArray();
    }

    private static float ln(double value) {
        return (float) Math.log(value);
    }
}
