package dev.coppice.simulator.dealing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.extension.Corpus;
import dev.coppice.simulator.extension.Extensions;
import dev.coppice.simulator.extension.Parameters;
import dev.coppice.simulator.extension.Partition;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PartitionsTest {
    private static final int TEXTS = 2_000;
    private static final int LABELS = 10;
    private static final Corpus CORPUS = new Corpus(
            IntStream.range(0, TEXTS)
                    .mapToObj(i -> new Example("text " + i, "label-" + i % LABELS))
                    .toList(),
            IntStream.range(0, TEXTS).mapToObj(i -> "user-" + i * i % 37).toList());

    @ParameterizedTest
    @ValueSource(strings = {"natural", "iid", "dirichlet", "quantity"})
    void everyTextIsDealtOnceAndAlikeForOneSeed(String name) {
        List<int[]> hands = deal(name, 40, 1, 3);
        int[] all = hands.stream().flatMapToInt(Arrays::stream).sorted().toArray();
        assertThat(all).isEqualTo(IntStream.range(0, TEXTS).toArray());
        assertThat(hands).usingRecursiveComparison().isEqualTo(deal(name, 40, 1, 3));
    }

    @Test
    void aSmallAlphaMakesDevicesTalkOfLittle() {
        assertThat(labelsOfADevice("dirichlet", 0.05)).isLessThan(3);
        assertThat(labelsOfADevice("dirichlet", 100)).isGreaterThan(9);
        assertThat(labelsOfADevice("iid", 1)).isGreaterThan(9);
    }

    @Test
    void aSmallAlphaMakesQuantitiesUnlikeButNotLabels() {
        assertThat(largest("quantity", 0.1)).isGreaterThan(4 * TEXTS / 20);
        assertThat(largest("quantity", 1000)).isLessThan(2 * TEXTS / 20);
        assertThat(largest("iid", 1)).isEqualTo(TEXTS / 20);
    }

    @Test
    void usersKeepTheirTexts() {
        for (int[] hand : deal("natural", 40, 1, 3)) {
            assertThat(Arrays.stream(hand).mapToObj(CORPUS.users()::get).distinct())
                    .hasSize(1);
        }
        Corpus nobody = new Corpus(CORPUS.examples(), List.of());
        assertThatThrownBy(() -> new NaturalPartition().deal(nobody, 5, Parameters.NONE, new SplittableRandom(1)))
                .hasMessageContaining("who said them");
    }

    private static double labelsOfADevice(String name, double alpha) {
        return deal(name, 20, alpha, 5).stream()
                .filter(hand -> hand.length >= 30)
                .mapToLong(hand ->
                        Arrays.stream(hand).map(i -> i % LABELS).distinct().count())
                .average()
                .orElseThrow();
    }

    private static int largest(String name, double alpha) {
        return deal(name, 20, alpha, 5).stream()
                .mapToInt(hand -> hand.length)
                .max()
                .orElseThrow();
    }

    private static List<int[]> deal(String name, int devices, double alpha, long seed) {
        return Extensions.named(Partition.class, "partition", name)
                .deal(CORPUS, devices, new Parameters(Map.of("alpha", alpha)), new SplittableRandom(seed));
    }
}
