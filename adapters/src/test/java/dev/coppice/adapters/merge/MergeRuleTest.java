package dev.coppice.adapters.merge;

import static dev.coppice.adapters.merge.SampleAdapters.SCALE;
import static dev.coppice.adapters.merge.SampleAdapters.TALL;
import static dev.coppice.adapters.merge.SampleAdapters.WIDE;
import static dev.coppice.adapters.merge.SampleAdapters.pair;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MergeRuleTest {
    /** Two devices of rank 1 and scale 1 whose products are e11 and e22; the second counts three times. */
    private static final LoraScale ONE = LoraScale.ONE;

    private static LoraAdapter start() throws MergeRefusedException {
        return pair(new float[] {1, 1}, 2, new float[] {0, 0}, 1, ONE);
    }

    private static List<Contribution> twoDevices() throws MergeRefusedException {
        return List.of(
                new Contribution(
                        pair(new float[] {1, 0}, 2, new float[] {4, 0}, 1, ONE).weights(), 1),
                new Contribution(
                        pair(new float[] {0, 1}, 2, new float[] {0, 4}, 1, ONE).weights(), 3));
    }

    @Test
    void averagingTheFactorsOfUnlikeDevicesIsWrongByAsMuchAsItReports() throws Exception {
        MergeOutcome outcome = new FactorAverage().merge(start(), twoDevices(), 0);
        // mean A = (0.25, 0.75), mean B = (1, 3); mean of products = diag(1, 3)
        assertThat(outcome.adapter().denseChange("m")).containsExactly(0.25f, 0.75f, 0.75f, 2.25f);
        double distance = Math.sqrt(0.75 * 0.75 * 4);
        assertThat(outcome.findError().orElseThrow().absolute()).isCloseTo(distance, within(1e-12));
        assertThat(outcome.findError().orElseThrow().relative()).isCloseTo(distance / Math.sqrt(10), within(1e-12));
    }

    @Test
    void aResidualMakesTheAverageOfFactorsExact() throws Exception {
        MergeOutcome outcome = new ProductResidual().merge(start(), twoDevices(), 0);
        assertThat(outcome.adapter().denseChange("m")).containsExactly(0.25f, 0.75f, 0.75f, 2.25f);
        LoraAdapter remainder = outcome.findRemainder().orElseThrow();
        assertClose(remainder.denseChange("m"), new float[] {0.75f, -0.75f, -0.75f, 0.75f}, 1e-6);
        assertThat(remainder.ranks()).containsEntry("m", 1); // of the three terms' rank only one is needed
        assertThat(outcome.findError().orElseThrow().relative()).isLessThan(1e-7);
    }

    @Test
    void aStackHoldsEachProductOnceAndTheNextRoundStartsFresh() throws Exception {
        MergeOutcome outcome = new Stacking().merge(start(), twoDevices(), 0);
        assertThat(outcome.adapter()).extracting(LoraAdapter::weights).isEqualTo(start().weights());
        LoraAdapter stack = outcome.findRemainder().orElseThrow();
        assertThat(stack.ranks()).containsEntry("m", 2);
        assertThat(stack.denseChange("m")).containsExactly(1, 0, 0, 3);
        assertThat(outcome.findError().orElseThrow().absolute()).isZero();
    }

    @Test
    void theMeanOfProductsKeepsWhatIsLargest() throws Exception {
        MergeOutcome outcome = new ProductAverage().merge(start(), twoDevices(), 0);
        assertClose(outcome.adapter().denseChange("m"), new float[] {0, 0, 0, 3}, 1e-6);
        assertThat(outcome.findError().orElseThrow().absolute()).isCloseTo(1, within(1e-6));
    }

    @Test
    void paddingWeighsDevicesByTheNormOfTheirProducts() throws Exception {
        LoraAdapter small = pair(new float[] {1, 0}, 2, new float[] {1, 0}, 1, ONE);
        LoraAdapter large = pair(new float[] {1, 0, 0, 1}, 2, new float[] {3, 0, 0, 0}, 2, ONE);
        LoraAdapter before = pair(new float[4], 2, new float[4], 2, ONE);
        MergeOutcome outcome = new ZeroPadding()
                .merge(before, List.of(new Contribution(small.weights(), 1), new Contribution(large.weights(), 1)), 0);
        // norms 1 and 3: B = 1/4 (1, 0) + 3/4 (3, 0), A = first row (1, 0), second row 3/4 (0, 1)
        assertThat(outcome.adapter().denseChange("m")).containsExactly(2.5f, 0, 0, 0);
        assertThat(outcome.adapter().weights().toArray()).containsExactly(1, 0, 0, 0.75f, 2.5f, 0, 0, 0);
    }

    @Test
    void rolesOfTheFactorsAreThoseOfThePapers() {
        Alternation rolora = new Alternation();
        assertThat(Stream.of(0, 1, 2, 3).map(rolora::trained))
                .containsExactly(
                        EnumSet.of(Factor.B), EnumSet.of(Factor.A), EnumSet.of(Factor.B), EnumSet.of(Factor.A));
        assertThat(rolora.uploaded(3)).isEqualTo(rolora.trained(3));
        assertThat(new FrozenA().trained(1)).containsExactly(Factor.B);
        assertThat(new SvdRefresh().uploaded(1)).containsExactly(Factor.B);
        assertThat(new SharedA().trained(0)).containsExactly(Factor.A, Factor.B);
        assertThat(new SharedA().uploaded(0)).containsExactly(Factor.A);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void alternationMovesOneFactorARoundAndIsExact(long seed) throws Exception {
        SampleAdapters samples = new SampleAdapters(seed);
        LoraAdapter before = samples.adapter(3);
        for (int round = 0; round < 2; round++) {
            MergeOutcome outcome =
                    new Alternation().merge(before, samples.trained(new Alternation(), before, 4, round), round);
            Factor resting = round == 0 ? Factor.A : Factor.B;
            Factor active = round == 0 ? Factor.B : Factor.A;
            assertThat(factor(outcome.adapter(), resting)).isEqualTo(factor(before, resting));
            assertThat(factor(outcome.adapter(), active)).isNotEqualTo(factor(before, active));
            assertThat(outcome.findError().orElseThrow().relative()).isLessThan(1e-6);
            before = outcome.adapter();
        }
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void aFrozenAIsExactAndASharedAIsNotKnownToBe(long seed) throws Exception {
        SampleAdapters samples = new SampleAdapters(seed);
        LoraAdapter before = samples.adapter(3);
        MergeOutcome ffa = new FrozenA().merge(before, samples.trained(new FrozenA(), before, 4, 0), 0);
        assertThat(factor(ffa.adapter(), Factor.A)).isEqualTo(factor(before, Factor.A));
        assertThat(ffa.findError().orElseThrow().relative()).isLessThan(1e-6);

        MergeOutcome fedsa = new SharedA().merge(before, samples.trained(new SharedA(), before, 4, 0), 0);
        assertThat(factor(fedsa.adapter(), Factor.B)).isEqualTo(factor(before, Factor.B));
        assertThat(fedsa.findError()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void aRefreshKeepsTheProductAndMakesAOrthonormal(long seed) throws Exception {
        LoraAdapter before = new SampleAdapters(seed).adapter(4, 6); // 6 is more than the 5 rows of a weight
        LoraAdapter after = new SvdRefresh().finished(before);
        for (String module : before.ranks().keySet()) {
            assertClose(after.denseChange(module), before.denseChange(module), 1e-5);
        }
        assertThat(after.ranks()).isEqualTo(before.ranks());
        DMatrixRMaj a = matrix(after, WIDE + ".lora_A.weight");
        DMatrixRMaj gram = CommonOps_DDRM.multTransB(a, a, null);
        CommonOps_DDRM.subtractEquals(gram, CommonOps_DDRM.identity(4));
        assertThat(CommonOps_DDRM.elementMaxAbs(gram)).isLessThan(1e-6);
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void stacksAndResidualsAreExactForEveryModule(long seed) throws Exception {
        SampleAdapters samples = new SampleAdapters(seed);
        LoraAdapter before = samples.adapter(3);
        for (MergeRule rule : List.of(new Stacking(), new ProductResidual())) {
            List<Contribution> cohort = samples.trained(rule, before, 5, 0);
            MergeOutcome outcome = rule.merge(before, cohort, 0);
            for (String module : before.ranks().keySet()) {
                float[] adapter = outcome.adapter().denseChange(module);
                float[] remainder = outcome.findRemainder().orElseThrow().denseChange(module);
                float[] sum = new float[adapter.length];
                for (int i = 0; i < sum.length; i++) {
                    sum[i] = adapter[i] + remainder[i];
                }
                assertClose(sum, meanProduct(cohort, module), 1e-5);
            }
            assertThat(outcome.findError().orElseThrow().relative()).isLessThan(1e-6);
        }
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void theMeanOfProductsOfUnlikeRanksIsTheBestThereIsOfItsRank(long seed) throws Exception {
        SampleAdapters samples = new SampleAdapters(seed);
        LoraAdapter before = samples.adapter(4, 2);
        List<Contribution> cohort = List.of(
                new Contribution(samples.adapter(1).weights(), 10),
                new Contribution(samples.adapter(4, 2).weights(), 20),
                new Contribution(samples.adapter(7, 5).weights(), 5));
        MergeOutcome outcome = new ProductAverage().merge(before, cohort, 0);
        assertThat(outcome.adapter().ranks()).isEqualTo(before.ranks());
        double squares = 0;
        for (String module : before.ranks().keySet()) {
            float[] mean = meanProduct(cohort, module);
            int rank = before.rank(module);
            float[] best = truncatedDense(mean, module.equals(WIDE) ? 12 : 5, rank);
            assertClose(outcome.adapter().denseChange(module), best, 1e-5);
            squares += squaredDistance(best, mean);
        }
        assertThat(outcome.findError().orElseThrow().absolute()).isCloseTo(Math.sqrt(squares), within(1e-4));
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void zeroUpdatesLeaveWhatTheAdapterDoesAlone(long seed) throws Exception {
        LoraAdapter before = new SampleAdapters(seed).adapter(3);
        for (MergeRule rule : MergeRule.all()) {
            Contribution idle = new Contribution(rule.upload(before, 0), 7);
            MergeOutcome outcome = rule.merge(before, List.of(idle, idle, idle), 0);
            LoraAdapter carrier =
                    rule instanceof Stacking ? outcome.findRemainder().orElseThrow() : outcome.adapter();
            assertClose(carrier.denseChange(WIDE), before.denseChange(WIDE), 1e-5);
            assertClose(carrier.denseChange(TALL), before.denseChange(TALL), 1e-5);
            assertThat(outcome.adapter().part(EnumSet.noneOf(Factor.class)))
                    .isEqualTo(before.part(EnumSet.noneOf(Factor.class)));
            if (rule instanceof FactorAverage || rule instanceof FrozenA || rule instanceof ProductResidual) {
                assertThat(outcome.adapter().weights()).isEqualTo(before.weights());
                assertThat(outcome.findRemainder()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void theOrderOfDevicesDoesNotMatter(long seed) throws Exception {
        SampleAdapters samples = new SampleAdapters(seed);
        LoraAdapter before = samples.adapter(3);
        for (MergeRule rule : MergeRule.all()) {
            List<Contribution> cohort = samples.trained(rule, before, 6, 1);
            List<Contribution> shuffled = new ArrayList<>(cohort);
            Collections.shuffle(shuffled, new Random(seed));
            MergeOutcome one = rule.merge(before, cohort, 1);
            MergeOutcome other = rule.merge(before, shuffled, 1);
            assertClose(
                    one.adapter().weights().toArray(), other.adapter().weights().toArray(), 1e-5);
            one.findRemainder()
                    .ifPresent(remainder -> assertClose(
                            remainder.denseChange(WIDE),
                            other.findRemainder().orElseThrow().denseChange(WIDE),
                            1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void aSecureSumGivesWhatSingleUploadsGiveButNoError(long seed) throws Exception {
        SampleAdapters samples = new SampleAdapters(seed);
        LoraAdapter before = samples.adapter(3);
        for (MergeRule rule : MergeRule.all()) {
            if (rule instanceof SumRule) {
                List<Contribution> cohort = samples.trained(rule, before, 3, 0);
                MergeOutcome secret = rule.onSecureSum().mergeMean(before, Cohort.mean(cohort), 0);
                assertThat(secret.adapter().weights())
                        .isEqualTo(rule.merge(before, cohort, 0).adapter().weights());
                assertThat(secret.findError()).isEmpty();
            }
        }
    }

    @Test
    void rulesThatMultiplyBeforeTheyAverageAreRefusedOnASecureSum() throws Exception {
        for (String name : List.of("flora", "flexlora", "hetlora", "fedex")) {
            assertThatThrownBy(MergeRule.named(name)::onSecureSum)
                    .isInstanceOf(MergeRefusedException.class)
                    .hasMessageContaining(name + " needs the factors of each device")
                    .hasMessageContaining("fedit, ffa, rolora, fedsa, fedsvd");
        }
        assertThatThrownBy(() -> MergeRule.named("fedavg"))
                .isInstanceOf(MergeRefusedException.class)
                .hasMessageContaining("fedit, ffa, rolora");
    }

    @Test
    void aDeviceOfSmallerRankTakesTheNearestOrTheFirstComponents() throws Exception {
        LoraAdapter server = new SampleAdapters(3).adapter(4);
        LoraAdapter nearest = server.truncated(2);
        assertClose(nearest.denseChange(WIDE), truncatedDense(server.denseChange(WIDE), 12, 2), 1e-5);
        LoraAdapter first = server.leading(2);
        assertThat(factor(first, Factor.A)).isEqualTo(leadingRows(server));
        assertThat(first.ranks()).containsEntry(WIDE, 2);
    }

    @Test
    void uploadsThatDoNotFitAreRefusedWithWhatIsWrong() throws Exception {
        SampleAdapters samples = new SampleAdapters(1);
        LoraAdapter before = samples.adapter(2);
        for (MergeRule rule : MergeRule.all()) {
            assertRefused(rule, before, List.of(), "nothing to merge");
            Contribution good = new Contribution(rule.upload(before, 0), 1);
            float[] values = good.uploaded().toArray();
            values[3] = Float.NaN;
            Contribution broken =
                    new Contribution(AdapterWeights.of(good.uploaded().layout(), values), 1);
            assertRefused(rule, before, List.of(good, broken), "not finite");
            Contribution strange = new Contribution(
                    pair(new float[] {1, 0}, 2, new float[] {4, 0}, 1, SCALE).weights(), 1);
            assertThatThrownBy(() -> rule.merge(before, List.of(good, strange), 0))
                    .isInstanceOf(MergeRefusedException.class);
            assertThatThrownBy(() -> rule.merge(before, List.of(strange), 0)).isInstanceOf(MergeRefusedException.class);
        }
        assertRefused(
                new ProductResidual(),
                before,
                List.of(new Contribution(samples.adapter(3).weights(), 1)),
                "does not hold what");
        assertThatThrownBy(() -> new Contribution(before.weights(), 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Contribution(before.weights(), Double.NaN))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void factorsThatDoNotFitEachOtherAreRefused() {
        ParameterLayout alone = ParameterLayout.of(List.of(new TensorSpec("m.lora_B.weight", List.of(2, 1))));
        assertThatThrownBy(() -> LoraAdapter.of(AdapterWeights.of(alone, new float[2]), SCALE))
                .hasMessageContaining("m has one factor without the other");
        assertThatThrownBy(() -> pair(new float[2], 2, new float[4], 1, SCALE)
                        .with(AdapterWeights.of(
                                ParameterLayout.of(List.of(new TensorSpec("m.lora_B.weight", List.of(4, 1)))),
                                new float[] {1, 2, Float.POSITIVE_INFINITY, 4})))
                .hasMessageContaining("m.lora_B.weight holds a value that is not finite");
        ParameterLayout unlike = ParameterLayout.of(List.of(
                new TensorSpec("m.lora_A.weight", List.of(3, 2)), new TensorSpec("m.lora_B.weight", List.of(2, 1))));
        assertThatThrownBy(() -> LoraAdapter.of(AdapterWeights.of(unlike, new float[8]), SCALE))
                .hasMessageContaining("A [3, 2] and B [2, 1], do not fit");
    }

    private static void assertRefused(
            MergeRule rule, LoraAdapter before, List<Contribution> contributions, String reason) {
        assertThatThrownBy(() -> rule.merge(before, contributions, 0))
                .as(rule.name())
                .isInstanceOf(MergeRefusedException.class)
                .hasMessageContaining(reason);
    }

    private static void assertClose(float[] actual, float[] expected, double distance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < actual.length; i++) {
            assertThat((double) actual[i]).isCloseTo(expected[i], within(distance * (1 + Math.abs(expected[i]))));
        }
    }

    private static List<Float> factor(LoraAdapter adapter, Factor factor) {
        List<Float> values = new ArrayList<>();
        for (float value : adapter.weights().tensor(spec(adapter, factor.of(WIDE)))) {
            values.add(value);
        }
        return values;
    }

    private static List<Float> leadingRows(LoraAdapter adapter) {
        return factor(adapter, Factor.A).subList(0, 2 * 10);
    }

    private static TensorSpec spec(LoraAdapter adapter, String name) {
        return adapter.weights().layout().tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static DMatrixRMaj matrix(LoraAdapter adapter, String name) {
        TensorSpec spec = spec(adapter, name);
        DMatrixRMaj matrix = new DMatrixRMaj(spec.shape().get(0), spec.shape().get(1));
        float[] values = adapter.weights().tensor(spec);
        for (int i = 0; i < values.length; i++) {
            matrix.data[i] = values[i];
        }
        return matrix;
    }

    private static float[] meanProduct(List<Contribution> cohort, String module) throws MergeRefusedException {
        double sum = cohort.stream().mapToDouble(Contribution::weight).sum();
        double[] mean = new double[module.equals(WIDE) ? 12 * 10 : 5 * 30];
        for (Contribution contribution : cohort) {
            float[] product = LoraAdapter.of(contribution.uploaded(), SCALE).denseChange(module);
            for (int i = 0; i < mean.length; i++) {
                mean[i] += contribution.weight() / sum * product[i];
            }
        }
        float[] floats = new float[mean.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) mean[i];
        }
        return floats;
    }

    private static float[] truncatedDense(float[] values, int rows, int rank) {
        DMatrixRMaj matrix = new DMatrixRMaj(rows, values.length / rows);
        for (int i = 0; i < values.length; i++) {
            matrix.data[i] = values[i];
        }
        SingularValueDecomposition_F64<DMatrixRMaj> svd =
                DecompositionFactory_DDRM.svd(rows, matrix.getNumCols(), true, true, true);
        assertThat(svd.decompose(matrix)).isTrue();
        DMatrixRMaj u = svd.getU(null, false);
        DMatrixRMaj w = svd.getW(null);
        DMatrixRMaj v = svd.getV(null, false);
        SingularOps_DDRM.descendingOrder(u, false, w, v, false);
        for (int i = rank; i < Math.min(w.getNumRows(), w.getNumCols()); i++) {
            w.set(i, i, 0);
        }
        DMatrixRMaj best = CommonOps_DDRM.multTransB(CommonOps_DDRM.mult(u, w, null), v, null);
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) best.data[i];
        }
        return floats;
    }

    private static double squaredDistance(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (double) (a[i] - b[i]);
        }
        return sum;
    }
}
