package dev.coppice.adapters.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitBuilder;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Objective;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraOptions;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.decoder.DecoderBuilder;
import dev.coppice.adapters.model.decoder.DecoderShape;
import dev.coppice.adapters.model.decoder.DecoderWeights;
import dev.coppice.adapters.model.decoder.Heads;
import dev.coppice.adapters.model.decoder.Rotary;
import dev.coppice.adapters.model.decoder.Sizes;
import dev.coppice.adapters.model.decoder.Variant;
import dev.coppice.adapters.model.decoder.WeightSource;
import dev.coppice.adapters.text.Batches;
import dev.coppice.adapters.text.BpeTrainer;
import dev.coppice.adapters.text.Example;
import dev.coppice.adapters.text.TextTokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A kit with room for few labels trains as one that computes the logits of all positions. */
class LabelledRowsTest {
    private static final float RATE = 1e-3f;
    /** More labels than any batch below has, but fewer than positions, in the graph for short rows too. */
    private static final int ROOM = 24;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"CAUSAL_LM, 24", "MASKED_LM, 24", "CAUSAL_LM, 100"})
    void trainsAsIfAllLogitsWereComputed(Task task, int room) throws Exception {
        KitSpec spec = TestKits.spec(task, 4, 32).with(Objective.PLAIN.withCloseness(0.5, 2));
        Kit all = kit(spec);
        Kit few = kit(spec.withPredictedMax(room));
        for (EngineKind kind : EngineKind.values()) {
            try (TrainingEngine one = Engines.open(all, kind);
                    TrainingEngine other = Engines.open(few, kind)) {
                for (int i = 0; i < 20; i++) {
                    Batch batch = everyFourth(SampleBatches.of(spec, i, 3, 0));
                    assertThat(other.step(batch, RATE)).isCloseTo(one.step(batch, RATE), within(1e-5f));
                }
                assertThat(other.weights().toArray())
                        .containsExactly(one.weights().toArray(), within(1e-5f));
            }
        }
    }

    @Test
    void judgesEachPositionAllTheSame() throws Exception {
        KitSpec spec = TestKits.spec(Task.CAUSAL_LM, 4, 32);
        Batch batch = SampleBatches.of(spec, 5);
        for (EngineKind kind : EngineKind.values()) {
            try (TrainingEngine one = Engines.open(kit(spec), kind);
                    TrainingEngine other = Engines.open(kit(spec.withPredictedMax(ROOM)), kind)) {
                assertThat(other.score(batch)).isEqualTo(one.score(batch));
            }
        }
    }

    @Test
    void aBatchWithMoreLabelsIsRefusedAndChangesNothing() throws Exception {
        KitSpec spec = TestKits.spec(Task.CAUSAL_LM, 4, 32);
        Batch batch = everyFourth(SampleBatches.of(spec, 5));
        int labels = labels(batch);
        for (EngineKind kind : EngineKind.values()) {
            try (TrainingEngine exact = Engines.open(kit(spec.withPredictedMax(labels)), kind);
                    TrainingEngine narrow = Engines.open(kit(spec.withPredictedMax(labels - 1)), kind)) {
                assertThat(exact.step(batch, RATE)).isFinite();
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> narrow.step(batch, RATE))
                        .withMessageContaining("more labels");
                assertThat(narrow.weights()).isEqualTo(kit(spec).initial());
            }
        }
    }

    @Test
    void dropoutBeforeTheOutputLayerIsRefusedByName() throws Exception {
        LoraSpec head = new LoraSpec(2, 4, List.of("lm_head"), Factors.BOTH, 7);
        LoraSpec thinned = head.with(LoraOptions.PLAIN.withDropout(0.1));
        DecoderShape shape = new DecoderShape(
                new Sizes(13, 8, 1, 8, 16),
                new Heads(2, 2, 4),
                Rotary.usual(),
                new Variant(1e-5f, false, false, 0, Variant.Biases.NONE),
                0);
        Path onnx = folder.resolve("untied.onnx");
        DecoderBuilder.build(shape, WeightSource.of(shape, DecoderWeights.initial(shape, 1)))
                .write(onnx);
        for (LoraSpec lora : List.of(head, thinned)) {
            KitSpec spec = new KitSpec(Task.CAUSAL_LM, lora, List.of(), 4, 16);
            assertThat(kit(onnx, spec).spec()).isEqualTo(spec);
        }
        KitSpec few = new KitSpec(Task.CAUSAL_LM, head, List.of(), 4, 16).withPredictedMax(ROOM);
        assertThat(kit(onnx, few).spec()).isEqualTo(few);
        KitSpec both = new KitSpec(Task.CAUSAL_LM, thinned, List.of(), 4, 16).withPredictedMax(ROOM);
        assertThatThrownBy(() -> kit(onnx, both))
                .isInstanceOf(KitRefusedException.class)
                .hasMessageContaining("output layer has no dropout");
    }

    /** A row of 10 labels by itself, whose last do not count, and two of 3: each token, a space before and an end behind. */
    @Test
    void whatIsDealtForTheKitFits() throws Exception {
        Kit kit = kit(TestKits.spec(Task.CAUSAL_LM, 4, 16).withPredictedMax(6));
        List<Example> texts = List.of(new Example("abcdefgh", ""), new Example("a", ""), new Example("c", ""));
        try (TextTokenizer tokenizer = TextTokenizer.of(BpeTrainer.train(List.of("x"), 257));
                TrainingEngine engine = Engines.open(kit, EngineKind.PLAIN_SESSION)) {
            List<Batch> dealt = new Batches(tokenizer, kit.spec(), 0, 1, 2).of(texts);
            assertThat(dealt).extracting(Batch::rowsUsed).containsExactly(1, 2);
            for (Batch batch : dealt) {
                assertThat(engine.step(batch, RATE)).isFinite();
                assertThat(labels(batch)).isEqualTo(6);
            }
        }
    }

    private Kit kit(Path onnx, KitSpec spec) throws Exception {
        Path target = Files.createTempDirectory(folder, "kit").resolve("kit");
        return KitBuilder.build(onnx, "0".repeat(64), List.of(), spec, target);
    }

    private static int labels(Batch batch) {
        return (int) Arrays.stream(batch.nextTokens())
                .filter(id -> id != Batch.IGNORED)
                .count();
    }

    private static Batch everyFourth(Batch batch) {
        long[] next = batch.nextTokens();
        for (int i = 0; i < next.length; i++) {
            next[i] = i % 4 == 1 ? next[i] : Batch.IGNORED;
        }
        long[] mask = batch.attentionMask();
        int[] lengths = new int[batch.batch()];
        for (int row = 0; row < lengths.length; row++) {
            lengths[row] = (int) Arrays.stream(mask, row * batch.length(), (row + 1) * batch.length())
                    .sum();
        }
        return Batch.masked(batch.batch(), batch.length(), batch.rowsUsed(), batch.tokens(), lengths, next);
    }

    private Kit kit(KitSpec spec) throws Exception {
        return TestKits.build(spec, Files.createTempDirectory(folder, "kit"));
    }
}
