package dev.coppice.crypto.privacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.crypto.SecretBytes;
import dev.coppice.testkit.SeededBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CentralNoiseTest {
    private static final int DIMENSION = 5_000;

    /** Squared noise of each round and, at the end, of their sum, by the number of noises that are in it. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void independentNoiseAddsUp(long seed) {
        var noise = new IndependentNoise(new Participation(8, 8, 1), 50, key(seed));
        int[] total = new int[DIMENSION];
        for (int round = 0; round < 8; round++) {
            int[] one = new int[DIMENSION];
            noise.addNext(one);
            assertVariance(one, 2500);
            add(total, one);
        }
        assertVariance(total, 8 * 2500);
        assertThat(noise.noiseMultiplier(10)).isCloseTo(50 / (10 * Math.sqrt(8)), within(1e-12));
    }

    /** A prefix holds as many noises as it has ones in binary, in a tree; whole trees one each. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void aPrefixInTreesHoldsOneNoiseForEachOfItsNodes(long seed) {
        var noise = new TreeNoise(new Participation(19, 1, 1), 8, 50, key(seed));
        int[] prefix = new int[DIMENSION];
        for (int rounds = 1; rounds <= 19; rounds++) {
            noise.addNext(prefix);
            int nodes = rounds / 8 + Integer.bitCount(rounds % 8);
            assertVariance(prefix, nodes * 2500.0);
        }
        assertThatIllegalStateException().isThrownBy(() -> noise.addNext(prefix));
    }

    /** Every way in which a device can be in rounds, in place of the formula. */
    @Test
    void noScheduleOfADeviceMovesATreeMoreThanItsSensitivity() {
        for (int separation = 1; separation <= 4; separation++) {
            for (int times = 1; (times - 1) * separation < 12; times++) {
                var participation = new Participation(12, times, separation);
                double claimed = 1 / new TreeNoise(participation, 4, 1, key(1)).noiseMultiplier(1);
                double worst = 0;
                for (int[] schedule : schedules(participation)) {
                    double squares = 0;
                    for (int size = 1; size <= 4; size *= 2) {
                        int[] counts = new int[12 / size];
                        for (int round : schedule) {
                            counts[round / size]++;
                        }
                        squares += Arrays.stream(counts)
                                .mapToDouble(c -> (double) c * c)
                                .sum();
                    }
                    worst = Math.max(worst, Math.sqrt(squares));
                }
                assertThat(worst).isLessThanOrEqualTo(claimed + 1e-12).isGreaterThan(0.7 * claimed);
            }
        }
    }

    @Test
    void noScheduleOfADeviceMovesABandedMatrixMoreThanItsSensitivity() {
        for (int times = 1; times <= 3; times++) {
            var participation = new Participation(12, times, 4);
            BandedNoise noise = new BandedNoise(participation, 4, 1, key(1));
            double claimed = 1 / noise.noiseMultiplier(1);
            double worst = 0;
            for (int[] schedule : schedules(participation)) {
                double[] rows = new double[12];
                for (int round : schedule) {
                    for (int j = 0; j < 4 && round + j < 12; j++) {
                        rows[round + j] += noise.coefficients()[j];
                    }
                }
                worst = Math.max(
                        worst, Math.sqrt(Arrays.stream(rows).map(r -> r * r).sum()));
            }
            assertThat(worst).isCloseTo(claimed, within(1e-9));
        }
    }

    /** The proof in the class's comment, on numbers: the results follow from C x + z alone, to the last digit. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void whatABandedMatrixReleasesIsAFunctionOfNoisedProducts(long seed) {
        int rounds = 30;
        var noise = new BandedNoise(new Participation(rounds, 2, 8), 8, 12_800, key(seed));
        long[] a = noise.coefficients();
        var random = new SplittableRandom(seed);
        List<int[]> sums = new ArrayList<>();
        List<int[]> results = new ArrayList<>();
        for (int t = 0; t < rounds; t++) {
            int[] sum = random.ints(50, -100_000, 100_000).toArray();
            int[] result = sum.clone();
            noise.addNext(result);
            sums.add(sum);
            results.add(result);
            int[] z = noise.innovation(t + 1, 50);
            for (int i = 0; i < 50; i++) {
                long product = z[i];
                for (int j = 0; j < a.length && j <= t; j++) {
                    product += a[j] * sums.get(t - j)[i];
                }
                for (int j = 1; j < a.length && j <= t; j++) {
                    product -= a[j] * results.get(t - j)[i];
                }
                assertThat((long) result[i]).isEqualTo(Math.floorDiv(product + 128, 256L));
            }
        }
    }

    /** At the same z for one participation: what all the trouble is for. */
    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void prefixesAreLessNoisyByTreesAndLessStillByBands(long seed) {
        var once = new Participation(256, 1, 256);
        double independent = prefixError(new IndependentNoise(once, 100, key(seed)), 256);
        int treeSigma = (int) Math.ceil(100 / new TreeNoise(once, 256, 1, key(1)).noiseMultiplier(1));
        double tree = prefixError(new TreeNoise(once, 256, treeSigma, key(seed)), 256);
        int bandSigma = (int) Math.ceil(100 / new BandedNoise(once, 256, 1, key(1)).noiseMultiplier(1));
        double banded = prefixError(new BandedNoise(once, 256, bandSigma, key(seed)), 256);
        assertThat(banded).isLessThan(0.6 * tree);
        assertThat(tree).isLessThan(0.8 * independent);
    }

    @Test
    void theSameKeyGivesTheSameNoiseAndAnotherGivesAnother() {
        var schema = new Participation(9, 1, 9);
        for (int kind = 0; kind < 3; kind++) {
            int[] first = prefix(noise(kind, schema, 1));
            assertThat(prefix(noise(kind, schema, 1))).isEqualTo(first);
            assertThat(prefix(noise(kind, schema, 2))).isNotEqualTo(first);
        }
    }

    @Test
    void whatTheSensitivityDoesNotHoldForIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new BandedNoise(new Participation(20, 3, 5), 6, 1, key(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> new TreeNoise(new Participation(9, 1, 1), 6, 1, key(1)));
        assertThatIllegalArgumentException().isThrownBy(() -> new Participation(10, 4, 4));
        assertThatIllegalArgumentException().isThrownBy(() -> new Participation(10, 11, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Participation(10, 1, 0));
    }

    private static CentralNoise noise(int kind, Participation schema, long seed) {
        return switch (kind) {
            case 0 -> new IndependentNoise(schema, 30, key(seed));
            case 1 -> new TreeNoise(schema, 4, 30, key(seed));
            default -> new BandedNoise(schema, 5, 3000, key(seed));
        };
    }

    private static int[] prefix(CentralNoise noise) {
        int[] prefix = new int[100];
        for (int round = 0; round < noise.participation().rounds(); round++) {
            noise.addNext(prefix);
        }
        return prefix;
    }

    /** Root of the mean squared error over all prefixes. */
    private static double prefixError(CentralNoise noise, int rounds) {
        int[] prefix = new int[200];
        double squares = 0;
        for (int round = 0; round < rounds; round++) {
            noise.addNext(prefix);
            squares += Arrays.stream(prefix).mapToDouble(x -> (double) x * x).sum();
        }
        return Math.sqrt(squares / (200.0 * rounds));
    }

    private static List<int[]> schedules(Participation participation) {
        List<int[]> schedules = new ArrayList<>();
        for (int set = 0; set < 1 << participation.rounds(); set++) {
            int chosen = set;
            int[] rounds = IntStream.range(0, participation.rounds())
                    .filter(round -> (chosen >> round & 1) == 1)
                    .toArray();
            boolean apart = true;
            for (int i = 1; i < rounds.length; i++) {
                apart &= rounds[i] - rounds[i - 1] >= participation.separation();
            }
            if (apart && rounds.length <= participation.times()) {
                schedules.add(rounds);
            }
        }
        return schedules;
    }

    private static void assertVariance(int[] noise, double variance) {
        double mean =
                Arrays.stream(noise).mapToDouble(x -> (double) x * x).average().orElseThrow();
        assertThat(mean / variance).isCloseTo(1, within(5.5 * Math.sqrt(2.0 / noise.length)));
    }

    private static void add(int[] sum, int[] more) {
        Arrays.setAll(sum, i -> sum[i] + more[i]);
    }

    private static SecretBytes key(long seed) {
        return SecretBytes.random(new SeededBytes(seed)::fill, 32);
    }
}
