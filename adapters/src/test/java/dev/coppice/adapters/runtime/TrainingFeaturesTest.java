package dev.coppice.adapters.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Objective;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.LoraOptions;
import dev.coppice.adapters.lora.ModuleRank;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a spec may ask for beyond plain LoRA and cross entropy, in both engines. */
class TrainingFeaturesTest {
    private static final int LENGTH = 12;
    private static final KitSpec PLAIN = TestKits.spec(Task.CAUSAL_LM, 4, LENGTH);
    private static final float RATE = 1e-3f;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void severalBatchesAStepCountAsOne(EngineKind kind) throws Exception {
        Batch whole = SampleBatches.of(PLAIN, 1, 3, 0);
        Kit one = kit(PLAIN);
        Kit two = kit(TestKits.spec(Task.CAUSAL_LM, 2, LENGTH));
        List<Batch> halves = List.of(half(whole, 0, 2), half(whole, 2, 1));
        try (TrainingEngine atOnce = Engines.open(one, kind);
                TrainingEngine inParts = Engines.open(two, kind)) {
            float loss = atOnce.step(whole, RATE);
            assertThat(inParts.step(halves, RATE)).isCloseTo(loss, within(1e-6f));
            assertThat(inParts.weights().toArray())
                    .containsExactly(atOnce.weights().toArray(), within(1e-6f));
            assertThatIllegalArgumentException().isThrownBy(() -> inParts.step(List.of(), RATE));
        }
    }

    @Test
    void dropoutIsTheSameInBothEnginesAndAnotherForAnotherSeed() throws Exception {
        Kit kit = kit(with(LoraOptions.PLAIN.withDropout(0.3)));
        float[] one = trained(kit, EngineKind.ORT_TRAINING, 5);
        assertThat(one).containsExactly(trained(kit, EngineKind.PLAIN_SESSION, 5), within(1e-5f));
        assertThat(trained(kit, EngineKind.ORT_TRAINING, 5)).isEqualTo(one);
        assertThat(distance(one, trained(kit, EngineKind.ORT_TRAINING, 6))).isGreaterThan(1e-3);
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void dropoutIsForTrainingOnly(EngineKind kind) throws Exception {
        Kit dropping = kit(with(LoraOptions.PLAIN.withDropout(0.5)));
        Kit whole = kit(PLAIN);
        Batch batch = SampleBatches.of(PLAIN, 1);
        AdapterWeights moved = moved(whole);
        try (TrainingEngine one = Engines.open(dropping, kind);
                TrainingEngine other = Engines.open(whole, kind)) {
            one.load(moved, 5);
            other.load(moved);
            assertThat(losses(one.score(batch))).containsExactly(losses(other.score(batch)), within(1e-6));
            assertThat(one.step(batch, RATE)).isNotEqualTo(other.step(batch, RATE));
        }
    }

    @Test
    void dropoutKeepsTheShareThatItSays() {
        ByteBuffer mask = ByteBuffer.allocate(100_000);
        new DropoutMasks(1).fill(mask, 0.9);
        int kept = 0;
        for (byte each : mask.array()) {
            kept += each;
        }
        assertThat(kept).isBetween(89_500, 90_500);
    }

    @Test
    void aProximalTermPullsTowardsWhatWasLoadedInBothEngines() throws Exception {
        Kit free = kit(PLAIN);
        Kit bound = kit(PLAIN.with(Objective.PLAIN.withProximal(50)));
        AdapterWeights start = moved(free);
        float[] one = trained(bound, EngineKind.ORT_TRAINING, start);
        assertThat(one).containsExactly(trained(bound, EngineKind.PLAIN_SESSION, start), within(1e-5f));
        float[] unbound = trained(free, EngineKind.ORT_TRAINING, start);
        assertThat(distance(one, start.toArray())).isLessThan(0.5 * distance(unbound, start.toArray()));
    }

    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void theProximalTermSaysNothingAtTheStartAndIsNotReported(EngineKind kind) throws Exception {
        Batch batch = SampleBatches.of(PLAIN, 1);
        Kit bound = kit(PLAIN.with(Objective.PLAIN.withProximal(50)));
        Kit free = kit(PLAIN);
        try (TrainingEngine one = Engines.open(bound, kind);
                TrainingEngine other = Engines.open(free, kind)) {
            one.load(moved(free));
            other.load(moved(free));
            assertThat(one.step(batch, RATE)).isEqualTo(other.step(batch, RATE));
            assertThat(one.weights().toArray()).containsExactly(other.weights().toArray(), within(1e-6f));
        }
    }

    @Test
    void closenessHoldsTheAdapterNearTheBaseInBothEngines() throws Exception {
        Kit close = kit(PLAIN.with(Objective.PLAIN.withCloseness(20, 2)));
        Kit free = kit(PLAIN);
        float[] one = trained(close, EngineKind.ORT_TRAINING, 0);
        assertThat(one).containsExactly(trained(close, EngineKind.PLAIN_SESSION, 0), within(1e-5f));
        assertThat(lossAfterTraining(close)).isGreaterThan(lossAfterTraining(free) + 0.1f);
    }

    /** With next to no weight on the labels, the adapter learns what the teacher says instead. */
    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void aTeacherIsFollowed(EngineKind kind) throws Exception {
        KitSpec spec = PLAIN.with(Objective.PLAIN.withTeacher(100, 1, 512));
        Kit kit = kit(spec);
        Batch labelled = SampleBatches.of(spec, 1);
        float[] logits = new float[4 * LENGTH * 512];
        for (int position = 0; position < 4 * LENGTH; position++) {
            logits[position * 512 + 9] = 20;
        }
        Batch batch = labelled.withTeacher(logits);
        try (TrainingEngine engine = Engines.open(kit, kind)) {
            float before = engine.step(batch, 1e-2f);
            for (int i = 0; i < 60; i++) {
                engine.step(batch, 1e-2f);
            }
            assertThat(engine.score(batch).tokens()).allMatch(score -> score.predicted() == 9);
            assertThat(engine.step(batch, 1e-2f)).as("the labels say otherwise").isGreaterThan(before);
            assertThatIllegalArgumentException().isThrownBy(() -> engine.step(labelled, 1e-2f));
        }
    }

    @Test
    void aTeacherOfOtherClassesThanTheModelIsRefused() {
        assertThatThrownBy(() -> kit(PLAIN.with(Objective.PLAIN.withTeacher(1, 1, 511))))
                .isInstanceOf(KitRefusedException.class)
                .hasMessageContaining("512 classes, but the teacher 511");
    }

    /** What is pulled back is what was loaded, and once a step however many batches it has. */
    @ParameterizedTest
    @EnumSource(EngineKind.class)
    void severalBatchesAStepHaveOneProximalTerm(EngineKind kind) throws Exception {
        Objective bound = Objective.PLAIN.withProximal(50);
        Kit one = kit(PLAIN.with(bound));
        Kit two = kit(TestKits.spec(Task.CAUSAL_LM, 2, LENGTH).with(bound));
        AdapterWeights start = moved(one);
        try (TrainingEngine atOnce = Engines.open(one, kind);
                TrainingEngine inParts = Engines.open(two, kind)) {
            atOnce.load(start);
            inParts.load(start);
            for (int i = 0; i < 10; i++) {
                Batch whole = SampleBatches.of(PLAIN, i, 3, 0);
                atOnce.step(whole, RATE);
                inParts.step(List.of(half(whole, 0, 2), half(whole, 2, 1)), RATE);
            }
            assertThat(inParts.weights().toArray())
                    .containsExactly(atOnce.weights().toArray(), within(1e-5f));
        }
    }

    @Test
    void modulesAreTrainedInFullAndWithRanksOfTheirOwn() throws Exception {
        LoraOptions options = LoraOptions.PLAIN
                .withFullyTrained("layers.0.mlp", "model.norm")
                .withRanks(new ModuleRank("model.layers.1.**", 3, 1));
        Kit kit = kit(with(options));
        assertThat(kit.layout().tensors())
                .contains(
                        new TensorSpec("model.norm.weight", List.of(64)),
                        new TensorSpec("model.layers.0.mlp.up_proj.weight", List.of(64, 192)),
                        new TensorSpec("model.layers.0.self_attn.q_proj.lora_B.weight", List.of(64, 8)),
                        new TensorSpec("model.layers.1.self_attn.q_proj.lora_B.weight", List.of(64, 3)))
                .noneMatch(tensor -> tensor.name().contains("layers.1.mlp"));
        TensorSpec norm = new TensorSpec("model.norm.weight", List.of(64));
        try (TrainingEngine engine = Engines.open(kit, EngineKind.ORT_TRAINING)) {
            engine.step(SampleBatches.of(PLAIN, 1), RATE);
            assertThat(engine.weights().tensor(norm)).isNotEqualTo(kit.initial().tensor(norm));
        }
    }

    @Test
    void aModuleThatIsNotThereIsRefusedWithAListOfThoseThatAre() {
        assertThatThrownBy(() -> kit(with(LoraOptions.PLAIN.withFullyTrained("classifier"))))
                .isInstanceOf(KitRefusedException.class)
                .hasMessageContaining("model.layers.*.self_attn.q_proj");
        assertThatThrownBy(() -> kit(with(LoraOptions.PLAIN.withFullyTrained("embed_tokens"))))
                .isInstanceOf(KitRefusedException.class)
                .hasMessageContaining("embedding");
    }

    private Kit kit(KitSpec spec) throws Exception {
        return TestKits.build(spec, Files.createTempDirectory(folder, "kit"));
    }

    private static KitSpec with(LoraOptions options) {
        return new KitSpec(PLAIN.task(), PLAIN.lora().with(options), List.of(), 4, LENGTH);
    }

    /** Weights at which both factors matter. */
    private static AdapterWeights moved(Kit kit) {
        return kit.initial().plus(TinyDecoder.uniform(3, 0.1, kit.layout().count()));
    }

    private static float[] trained(Kit kit, EngineKind kind, long seed) throws Exception {
        try (TrainingEngine engine = Engines.open(kit, kind)) {
            engine.load(kit.initial(), seed);
            for (int i = 0; i < 20; i++) {
                engine.step(SampleBatches.of(kit.spec(), i), RATE);
            }
            return engine.weights().toArray();
        }
    }

    private static float[] trained(Kit kit, EngineKind kind, AdapterWeights start) throws Exception {
        try (TrainingEngine engine = Engines.open(kit, kind)) {
            engine.load(start);
            for (int i = 0; i < 40; i++) {
                engine.step(SampleBatches.of(kit.spec(), i), RATE);
            }
            return engine.weights().toArray();
        }
    }

    private static float lossAfterTraining(Kit kit) throws Exception {
        Batch batch = SampleBatches.of(kit.spec(), 1);
        try (TrainingEngine engine = Engines.open(kit, EngineKind.ORT_TRAINING)) {
            for (int i = 0; i < 40; i++) {
                engine.step(batch, 1e-2f);
            }
            return engine.step(batch, 1e-2f);
        }
    }

    /** Some rows of a batch as a batch of two rows. */
    private static Batch half(Batch whole, int from, int used) {
        long[] tokens = Arrays.copyOfRange(whole.tokens(), from * LENGTH, (from + 2) * LENGTH);
        long[] next = Arrays.copyOfRange(whole.nextTokens(), from * LENGTH, (from + 2) * LENGTH);
        long[] mask = Arrays.copyOfRange(whole.attentionMask(), from * LENGTH, (from + 2) * LENGTH);
        int[] lengths = new int[2];
        for (int i = 0; i < mask.length; i++) {
            lengths[i / LENGTH] += (int) mask[i];
        }
        return Batch.causal(2, LENGTH, used, tokens, lengths, next);
    }

    private static double[] losses(Scores scores) {
        return scores.tokens().stream().mapToDouble(Score::loss).toArray();
    }

    private static double distance(float[] one, float[] other) {
        double squares = 0;
        for (int i = 0; i < one.length; i++) {
            squares += Math.pow((double) one[i] - other[i], 2);
        }
        return Math.sqrt(squares);
    }
}
