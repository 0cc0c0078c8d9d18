package dev.coppice.adapters.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class RobustMergeTest {
    private static final int LENGTH = 30;
    private static final int HONEST = 7;
    private static final int BAD = 3;

    private static GroupMean group(double... values) {
        return of(5, values);
    }

    private static GroupMean of(int devices, double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            floats[i] = (float) values[i];
        }
        return new GroupMean(floats, devices);
    }

    private static Stream<RobustMerge> rules() {
        return Stream.of(
                new RobustMerge.NormCheck(1.5),
                new RobustMerge.TrimmedMean(0.3),
                new RobustMerge.CoordinateMedian(),
                new RobustMerge.GeometricMedian());
    }

    @Test
    void theNormCheckLeavesOutWhatIsLongAndWeighsTheRestByDevices() throws Exception {
        List<GroupMean> groups = List.of(of(6, 1, 0), of(2, 0, 1), of(2, -3, 0));
        assertThat(new RobustMerge.NormCheck(2).merge(groups)).containsExactly(0.75f, 0.25f);
        assertThat(new RobustMerge.NormCheck(3).merge(groups)).containsExactly(0, 0.2f);
    }

    @Test
    void trimmedMeanAndMedianGoByCoordinates() throws Exception {
        List<GroupMean> groups = List.of(group(9, 4), group(1, 6), group(-100, 5), group(2, 100), group(3, 1));
        assertThat(new RobustMerge.TrimmedMean(0.2).merge(groups)).containsExactly(2, 5);
        assertThat(new RobustMerge.TrimmedMean(0.4).merge(groups)).containsExactly(2, 5);
        assertThat(new RobustMerge.CoordinateMedian().merge(groups)).containsExactly(2, 5);
        assertThat(new RobustMerge.CoordinateMedian().merge(groups.subList(0, 4)))
                .containsExactly(1.5f, 5.5f);
    }

    /** Of a triangle with right angle and equal legs: Fermat's point, by its closed form. */
    @Test
    void theGeometricMedianIsFermatsPoint() throws Exception {
        double at = (3 - Math.sqrt(3)) / 6;
        float[] merged = new RobustMerge.GeometricMedian().merge(List.of(group(0, 0), group(1, 0), group(0, 1)));
        assertThat(merged[0]).isCloseTo((float) at, within(1e-5f));
        assertThat(merged[1]).isCloseTo((float) at, within(1e-5f));
        float[] heavy = new RobustMerge.GeometricMedian().merge(List.of(of(9, 0, 0), of(1, 1, 0), of(1, 0, 1)));
        assertThat(heavy).containsExactly(0, 0); // who has more than half of the devices has it all
    }

    /** Cao et al. 2021, equations 2 to 4, by hand: cosines 0.6, 0.8 and below zero. */
    @Test
    void trustIsTheCosineWithTheServersOwnUpdateAndItsLength() throws Exception {
        RobustMerge.Trust trust = new RobustMerge.Trust(group(2, 0));
        float[] merged = trust.merge(List.of(group(3, 4), group(80, 60), group(-1000, 1)));
        assertThat(merged[0]).isCloseTo((float) ((0.6 * 2 * 0.6 + 0.8 * 2 * 0.8) / 1.4), within(1e-6f));
        assertThat(merged[1]).isCloseTo((float) ((0.6 * 2 * 0.8 + 0.8 * 2 * 0.6) / 1.4), within(1e-6f));
        assertThat(trust.merge(List.of(group(-1, 1), group(0, 7)))).containsExactly(0, 0);
    }

    private record Scene(List<float[]> honest, List<GroupMean> all) {
        double longest() {
            return honest.stream().mapToDouble(Scene::norm).max().orElseThrow();
        }

        static double norm(float[] values) {
            double squares = 0;
            for (float value : values) {
                squares += value * value;
            }
            return Math.sqrt(squares);
        }

        double mean(int i) {
            return coordinate(i).average().orElseThrow();
        }

        DoubleStream coordinate(int i) {
            return honest.stream().mapToDouble(values -> values[i]);
        }
    }

    /** Seven honest groups around a direction, three bad ones of any length, also near the honest ones. */
    private static Scene scene(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<float[]> honest = new ArrayList<>();
        List<GroupMean> all = new ArrayList<>();
        float[] bad = new float[LENGTH];
        float[] aim = new float[LENGTH];
        double away = -Math.pow(10, random.nextDouble(-1, 6));
        for (int i = 0; i < LENGTH; i++) {
            aim[i] = (float) random.nextGaussian();
            bad[i] = (float) (away * aim[i]);
        }
        for (int k = 0; k < HONEST; k++) {
            float[] values = aim.clone();
            for (int i = 0; i < LENGTH; i++) {
                values[i] += (float) random.nextGaussian();
            }
            honest.add(values);
            all.add(new GroupMean(values, 5));
        }
        for (int k = 0; k < BAD; k++) {
            all.add(new GroupMean(bad, 5));
        }
        Collections.shuffle(all, new Random(seed));
        return new Scene(honest, all);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void badGroupsMoveTheResultNoFurtherThanEachRuleSays(long seed) throws Exception {
        Scene scene = scene(seed);
        assertThat(Scene.norm(new RobustMerge.NormCheck(1.5).merge(scene.all())))
                .isLessThanOrEqualTo(1.5 * scene.longest() + 1e-6);
        for (RobustMerge rule : List.of(new RobustMerge.TrimmedMean(0.3), new RobustMerge.CoordinateMedian())) {
            float[] merged = rule.merge(scene.all());
            for (int i = 0; i < LENGTH; i++) {
                assertThat((double) merged[i])
                        .as("%s at %d", rule.name(), i)
                        .isBetween(
                                scene.coordinate(i).min().orElseThrow() - 1e-6,
                                scene.coordinate(i).max().orElseThrow() + 1e-6);
            }
        }
        double bad = (double) BAD / (BAD + HONEST);
        double factor = 2 * (1 - bad) / (1 - 2 * bad);
        double[] centre = new double[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            centre[i] = scene.mean(i);
        }
        double spread = scene.honest().stream()
                .mapToDouble(values -> distance(values, centre))
                .max()
                .orElseThrow();
        assertThat(distance(new RobustMerge.GeometricMedian().merge(scene.all()), centre))
                .isLessThanOrEqualTo(factor * spread);
        GroupMean root = new GroupMean(scene.honest().get(0), 1);
        float[] trusted = new RobustMerge.Trust(root).merge(scene.all());
        assertThat(Scene.norm(trusted)).isLessThanOrEqualTo(root.norm() * (1 + 1e-6));
        assertThat(new GroupMean(trusted, 1).dot(root)).isPositive();
    }

    private static double distance(float[] values, double[] from) {
        double squares = 0;
        for (int i = 0; i < from.length; i++) {
            squares += (values[i] - from[i]) * (values[i] - from[i]);
        }
        return Math.sqrt(squares);
    }

    /** What the geometric median minimizes is no smaller anywhere near it. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void nothingNearTheGeometricMedianIsNearerToAll(long seed) throws Exception {
        Scene scene = scene(seed);
        float[] merged = new RobustMerge.GeometricMedian().merge(scene.all());
        double least = total(scene, merged);
        SplittableRandom random = new SplittableRandom(seed);
        for (int n = 0; n < 200; n++) {
            float[] near = merged.clone();
            near[random.nextInt(LENGTH)] += random.nextBoolean() ? 0.05f : -0.05f;
            assertThat(total(scene, near)).isGreaterThanOrEqualTo(least * (1 - 1e-9));
        }
    }

    private static double total(Scene scene, float[] at) {
        double sum = 0;
        for (GroupMean group : scene.all()) {
            double squares = 0;
            for (int i = 0; i < at.length; i++) {
                squares += Math.pow((double) group.value(i) - at[i], 2);
            }
            sum += Math.sqrt(squares);
        }
        return sum;
    }

    @ParameterizedTest
    @MethodSource("rules")
    void groupsThatAgreeGetWhatTheyAgreeOnWhateverTheirOrder(RobustMerge rule) throws Exception {
        GroupMean same = group(0.25, -4, 0);
        assertThat(rule.merge(List.of(same, same, same))).containsExactly(0.25f, -4, 0);
        Scene scene = scene(5);
        List<GroupMean> turned = new ArrayList<>(scene.all());
        Collections.reverse(turned);
        float[] one = rule.merge(scene.all());
        float[] other = rule.merge(turned);
        for (int i = 0; i < LENGTH; i++) {
            assertThat(other[i]).isCloseTo(one[i], within(1e-4f));
        }
        assertThat(rule.merge(List.of(group(0, 0), group(0, 0), group(0, 0)))).containsExactly(0, 0);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void tooFewGroupsAreRefused(RobustMerge rule) {
        List<GroupMean> few = Collections.nCopies(rule.groupsMin() - 1, group(1, 2));
        assertThatThrownBy(() -> rule.merge(few))
                .isInstanceOf(MergeRefusedException.class)
                .hasMessageContaining("needs " + rule.groupsMin() + " groups");
    }

    @Test
    void whatIsOutOfRangeIsRefused() {
        assertThat(new RobustMerge.TrimmedMean(0.49).groupsMin()).isEqualTo(3);
        assertThat(new RobustMerge.TrimmedMean(0.4).cut(10)).isEqualTo(4);
        assertThat(new RobustMerge.TrimmedMean(0.2).cut(3)).isEqualTo(1);
        assertThatThrownBy(() -> new RobustMerge.TrimmedMean(0.5)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RobustMerge.NormCheck(0.9)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> of(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> group(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RobustMerge.CoordinateMedian().merge(List.of(group(1), group(1), group(1, 2))))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
