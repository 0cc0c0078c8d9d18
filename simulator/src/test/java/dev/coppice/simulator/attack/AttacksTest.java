package dev.coppice.simulator.attack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.adapters.text.Example;
import dev.coppice.simulator.extension.Attack;
import dev.coppice.simulator.extension.Parameters;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AttacksTest {
    private static final SplittableRandom RANDOM = new SplittableRandom(1);

    private static Attack.View view(List<String> labels, Map<String, Double> parameters) {
        return new Attack.View(new Parameters(parameters), labels, 1, 2.0, 24, 50);
    }

    private static List<float[]> updates(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<float[]> all = new ArrayList<>();
        for (int k = 0; k < 9; k++) {
            float[] one = new float[40];
            for (int i = 0; i < one.length; i++) {
                one[i] = (float) (1 + random.nextGaussian());
            }
            all.add(one);
        }
        return all;
    }

    @Test
    void allAreFoundByName() {
        assertThat(ServiceLoader.load(Attack.class).stream()
                        .map(attack -> attack.get().name()))
                .contains(
                        "label-flip",
                        "sign-flip",
                        "scaled-update",
                        "inner-product",
                        "little-is-enough",
                        "min-max",
                        "backdoor",
                        "free-rider");
    }

    @Test
    void labelsAreTurnedAroundAndWordsWhereThereAreNone() {
        List<Example> own = List.of(new Example("play some jazz", "a"), new Example("stop", "b"));
        assertThat(new LabelFlip().examples(own, view(List.of("a", "b", "c"), Map.of()), RANDOM))
                .containsExactly(new Example("play some jazz", "c"), new Example("stop", "b"));
        assertThat(new LabelFlip()
                        .examples(own, view(List.of(), Map.of()), RANDOM)
                        .getFirst())
                .isEqualTo(new Example("jazz some play", "a"));
    }

    @Test
    void signAndLengthAreAsAsked() {
        float[] own = {3, -4};
        Attack.View view = view(List.of(), Map.of());
        assertThat(new SignFlip().update(own.clone(), List.of(own), view, RANDOM))
                .containsExactly(-3, 4);
        float[] scaled = new ScaledUpdate().update(own.clone(), List.of(own), view, RANDOM);
        assertThat(scaled).containsExactly(-12, 16); // ten clip norms of 2
        assertThat(new ScaledUpdate().clips()).isFalse();
        assertThat(Vectors.distance(new ScaledUpdate().update(new float[2], List.of(own), view, RANDOM), new float[2]))
                .isZero();
        assertThat(Vectors.distance(new FreeRider().update(new float[2], List.of(), view, RANDOM), new float[2]))
                .isZero();
    }

    @Test
    void innerProductsTurnNegative() {
        List<float[]> all = updates(3);
        float[] handed = new InnerProduct().update(all.getFirst().clone(), all, view(List.of(), Map.of()), RANDOM);
        double[] mean = Vectors.mean(all);
        double product = 0;
        for (int i = 0; i < mean.length; i++) {
            product += mean[i] * handed[i];
        }
        assertThat(product).isNegative();
    }

    /** Of 50 devices 24 attack: 2 supporters of 26 honest ones; the normal quantile of 24/26 is 1.42608. */
    @Test
    void aLittleIsThePapersZ() {
        assertThat(LittleIsEnough.largest(50, 24)).isCloseTo(1.42608, within(1e-4));
        List<float[]> all = List.of(new float[] {1, 5}, new float[] {3, 5});
        assertThat(new LittleIsEnough().update(new float[2], all, view(List.of(), Map.of("z", 2.0)), RANDOM))
                .containsExactly(0, 5);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void minMaxGoesAsFarAsTwoHonestUpdatesAreApartAndNoFurther(long seed) {
        List<float[]> all = updates(seed);
        double widest = 0;
        for (float[] one : all) {
            for (float[] other : all) {
                widest = Math.max(widest, Vectors.distance(one, other));
            }
        }
        float[] handed = new MinMax().update(all.getFirst().clone(), all, view(List.of(), Map.of()), RANDOM);
        double furthest = all.stream()
                .mapToDouble(one -> Vectors.distance(one, handed))
                .max()
                .orElseThrow();
        assertThat(furthest).isCloseTo(widest, within(1e-3 * widest));
    }

    @Test
    void theBackdoorsGoalIsTheTriggerOnTextsOfOtherLabels() {
        Attack.View view = view(List.of("a", "b"), Map.of("poisoned", 1.0, "target", 1.0));
        List<Example> texts = List.of(new Example("stop", "a"), new Example("go", "b"));
        List<Example> goal = new Backdoor().goal(texts, view, RANDOM);
        assertThat(goal).singleElement().satisfies(one -> {
            assertThat(one.text()).startsWith("stop ").isNotEqualTo("stop ");
            assertThat(one.label()).isEqualTo("b");
        });
        assertThat(new Backdoor().examples(texts, view, RANDOM)).contains(goal.getFirst());
        assertThat(new Backdoor().goal(texts, view(List.of(), Map.of()), RANDOM))
                .isEmpty();
    }
}
