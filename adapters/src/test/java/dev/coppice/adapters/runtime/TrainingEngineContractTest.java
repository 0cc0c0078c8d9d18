package dev.coppice.adapters.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.merge.AdapterPart;
import dev.coppice.adapters.merge.Factor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What every engine promises, for every task. */
class TrainingEngineContractTest {
    private static final int BATCH = 4;
    private static final int LENGTH = 12;
    private static final float RATE = 1e-2f;

    /** Of a step: AdamW divides by the gradient's size, so that rounding of a tiny one, by the processor's width, shows. */
    private static final float PART_OF_A_STEP = 0.003f;

    @TempDir
    static Path folder;

    private static final Map<Task, Kit> KITS = new EnumMap<>(Task.class);

    @BeforeAll
    static void build() throws Exception {
        for (Task task : Task.values()) {
            KITS.put(task, TestKits.build(TestKits.spec(task, BATCH, LENGTH), folder));
        }
    }

    static Stream<Arguments> all() {
        return Stream.of(EngineKind.values())
                .flatMap(kind -> Stream.of(Task.values()).map(task -> Arguments.of(kind, task)));
    }

    @ParameterizedTest
    @EnumSource(Task.class)
    void bothEnginesMakeTheSameAdapter(Task task) throws Exception {
        float[] one = trained(task, EngineKind.ORT_TRAINING, 50).toArray();
        float[] other = trained(task, EngineKind.PLAIN_SESSION, 50).toArray();
        assertThat(one).containsExactly(other, within(PART_OF_A_STEP * RATE));
        assertThat(one).isNotEqualTo(kit(task).initial().toArray());
    }

    @ParameterizedTest
    @MethodSource("all")
    void theLossFalls(EngineKind kind, Task task) throws Exception {
        try (TrainingEngine engine = Engines.open(kit(task), kind)) {
            Batch batch = SampleBatches.of(kit(task).spec(), 1);
            float first = engine.step(batch, RATE);
            float last = first;
            for (int i = 0; i < 40; i++) {
                last = engine.step(batch, RATE);
            }
            assertThat(last).isLessThan(0.6f * first);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void loadingForgetsEverythingToTheBit(EngineKind kind, Task task) throws Exception {
        try (TrainingEngine engine = Engines.open(kit(task), kind)) {
            AdapterWeights fresh = train(engine, task, 5);
            train(engine, task, 3);
            engine.load(kit(task).initial());
            assertThat(train(engine, task, 5)).isEqualTo(fresh);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void whatIsLoadedIsWhatIsThere(EngineKind kind, Task task) throws Exception {
        AdapterWeights start = kit(task).initial();
        AdapterWeights moved =
                start.plus(TinyDecoder.uniform(3, 0.1, start.layout().count()));
        try (TrainingEngine engine = Engines.open(kit(task), kind)) {
            assertThat(engine.weights()).isEqualTo(start);
            engine.load(moved);
            assertThat(engine.weights()).isEqualTo(moved);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void unusedRowsAndPaddingDoNotCount(EngineKind kind, Task task) throws Exception {
        try (TrainingEngine engine = Engines.open(kit(task), kind)) {
            float loss = engine.step(SampleBatches.of(kit(task).spec(), 1, 3, 0), RATE);
            AdapterWeights weights = engine.weights();
            engine.load(kit(task).initial());
            float withJunk = engine.step(SampleBatches.of(kit(task).spec(), 1, 3, 1), RATE);
            assertThat(withJunk).isEqualTo(loss);
            assertThat(engine.weights()).isEqualTo(weights);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void scoresAgreeWithTheLossOfAStepAndChangeNothing(EngineKind kind, Task task) throws Exception {
        try (TrainingEngine engine = Engines.open(kit(task), kind)) {
            train(engine, task, 3);
            AdapterWeights weights = engine.weights();
            Batch batch = SampleBatches.of(kit(task).spec(), 1, 3, 0);
            Scores scores = engine.score(batch);
            assertThat(engine.weights()).isEqualTo(weights);
            assertThat(scores.rows()).hasSize(task.hasLabels() ? 3 : 0);
            float loss = engine.step(batch, RATE);
            assertThat((double) loss).isCloseTo(mean(scores.rows()) + mean(scores.tokens()), within(1e-5));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void aRightPredictionHasTheProbabilityThatItsLossSays(EngineKind kind, Task task) throws Exception {
        try (TrainingEngine engine = Engines.open(kit(task), kind)) {
            Batch batch = SampleBatches.of(kit(task).spec(), 1);
            for (int i = 0; i < 40; i++) {
                engine.step(batch, RATE);
            }
            List<Score> right = new ArrayList<>();
            addRight(engine.score(batch).rows(), batch.rowLabels(), right);
            addRight(engine.score(batch).tokens(), labelled(batch.nextTokens()), right);
            assertThat(right).isNotEmpty();
            assertThat(right)
                    .allSatisfy(
                            score -> assertThat(Math.exp(-score.loss())).isCloseTo(score.probability(), within(1e-5)));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void divergenceIsNoticedAndDoesNotOutliveALoad(EngineKind kind, Task task) throws Exception {
        float[] broken = kit(task).initial().toArray();
        broken[broken.length - 1] = Float.NaN;
        try (TrainingEngine engine = Engines.open(kit(task), kind)) {
            AdapterWeights fresh = train(engine, task, 3);
            engine.load(AdapterWeights.of(kit(task).layout(), broken));
            assertThatThrownBy(() -> train(engine, task, 1))
                    .isInstanceOf(EngineException.class)
                    .hasMessageContaining("finite");
            assertThat(engine.weights().toArray()).isEqualTo(broken);
            engine.load(kit(task).initial());
            assertThat(train(engine, task, 3)).isEqualTo(fresh);
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void anUnknownTokenIsRefusedAndTheEngineGoesOn(EngineKind kind, Task task) throws Exception {
        Batch unknown = SampleBatches.of(kit(task).spec(), 1, BATCH, 0, 100_000);
        try (TrainingEngine engine = Engines.open(kit(task), kind)) {
            AdapterWeights fresh = train(engine, task, 2);
            assertThatThrownBy(() -> engine.step(unknown, RATE)).isInstanceOf(EngineException.class);
            assertThatThrownBy(() -> engine.score(unknown)).isInstanceOf(EngineException.class);
            engine.load(kit(task).initial());
            assertThat(train(engine, task, 2)).isEqualTo(fresh);
        }
    }

    /** A kit that freezes A computes no gradient of it; one that holds it must come to the same. */
    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void holdingOneFactorTrainsTheOtherAsIfItWereFrozenUntilWeightsAreLoaded(EngineKind kind) throws Exception {
        Kit frozen = kit(Task.TEXT_CLASSIFICATION);
        LoraSpec lora = frozen.spec().lora();
        LoraSpec both = new LoraSpec(lora.rank(), lora.alpha(), lora.targets(), Factors.BOTH, lora.seed());
        KitSpec spec = new KitSpec(Task.TEXT_CLASSIFICATION, both, frozen.spec().labels(), BATCH, LENGTH);
        Kit kit = TestKits.build(spec, Files.createTempDirectory(folder, "both"));
        AdapterPart a = AdapterPart.of(kit.layout(), Set.of(Factor.B)).rest();
        AdapterPart b = a.rest(); // and the head
        try (TrainingEngine engine = Engines.open(kit, kind)) {
            engine.hold(a.layout().tensors());
            AdapterWeights moved = train(engine, Task.TEXT_CLASSIFICATION, 20);
            assertThat(a.of(moved)).isEqualTo(a.of(kit.initial()));
            assertThat(b.of(moved).toArray())
                    .containsExactly(trained(Task.TEXT_CLASSIFICATION, kind, 20).toArray(), within(1e-6f));

            engine.load(moved);
            engine.hold(b.layout().tensors());
            AdapterWeights turned = train(engine, Task.TEXT_CLASSIFICATION, 5);
            assertThat(b.of(turned)).isEqualTo(b.of(moved));
            assertThat(a.of(turned)).isNotEqualTo(a.of(moved));

            engine.load(kit.initial());
            AdapterWeights free = train(engine, Task.TEXT_CLASSIFICATION, 5);
            assertThat(a.of(free)).isNotEqualTo(a.of(kit.initial()));
            assertThat(b.of(free)).isNotEqualTo(b.of(kit.initial()));
        }
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void whatDoesNotFitTheKitIsRefused(EngineKind kind) throws Exception {
        Kit kit = kit(Task.CAUSAL_LM);
        ParameterLayout other = ParameterLayout.of(List.of(new TensorSpec("x", List.of(2))));
        Batch longer = SampleBatches.of(TestKits.spec(Task.CAUSAL_LM, BATCH, LENGTH + 1), 1);
        Batch unlabelled = SampleBatches.of(TestKits.spec(Task.TEXT_CLASSIFICATION, BATCH, LENGTH), 1);
        try (TrainingEngine engine = Engines.open(kit, kind)) {
            assertThatIllegalArgumentException().isThrownBy(() -> engine.load(AdapterWeights.of(other, new float[2])));
            assertThatIllegalArgumentException().isThrownBy(() -> engine.step(longer, RATE));
            assertThatIllegalArgumentException().isThrownBy(() -> engine.score(unlabelled));
            assertThatIllegalArgumentException().isThrownBy(() -> engine.step(SampleBatches.of(kit.spec(), 1), -RATE));
        }
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    @SuppressWarnings("try") // closing twice is what is tested
    void aClosedEngineRefusesEverythingButClosing(EngineKind kind) throws Exception {
        Batch batch = SampleBatches.of(kit(Task.CAUSAL_LM).spec(), 1);
        try (TrainingEngine engine = Engines.open(kit(Task.CAUSAL_LM), kind)) {
            engine.close();
            engine.close();
            assertThatIllegalStateException().isThrownBy(() -> engine.step(batch, RATE));
            assertThatIllegalStateException().isThrownBy(() -> engine.score(batch));
            assertThatIllegalStateException().isThrownBy(engine::weights);
            assertThatIllegalStateException()
                    .isThrownBy(() -> engine.load(kit(Task.CAUSAL_LM).initial()));
        }
    }

    private static Kit kit(Task task) {
        return Objects.requireNonNull(KITS.get(task));
    }

    private static AdapterWeights trained(Task task, EngineKind kind, int steps) throws Exception {
        try (TrainingEngine engine = Engines.open(kit(task), kind)) {
            return train(engine, task, steps);
        }
    }

    private static AdapterWeights train(TrainingEngine engine, Task task, int steps) throws EngineException {
        for (int i = 0; i < steps; i++) {
            engine.step(SampleBatches.of(kit(task).spec(), i), 1e-3f);
        }
        return engine.weights();
    }

    private static double mean(List<Score> scores) {
        return scores.stream().mapToDouble(Score::loss).average().orElse(0);
    }

    private static long[] labelled(long[] labels) {
        return Arrays.stream(labels).filter(label -> label != Batch.IGNORED).toArray();
    }

    private static void addRight(List<Score> scores, long[] labels, List<Score> right) {
        for (int i = 0; i < scores.size(); i++) {
            if (scores.get(i).predicted() == labels[i]) {
                right.add(scores.get(i));
            }
        }
    }
}
