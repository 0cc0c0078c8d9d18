package dev.coppice.adapters.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.LoraOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/** A kit of long rows trains on short texts as a kit of short rows does, and both engines agree on which they are. */
class LengthsTest {
    private static final int LONG = 32;
    private static final int SHORT = 16;
    private static final float RATE = 1e-3f;

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(value = Task.class, mode = Mode.EXCLUDE, names = "MASKED_LM")
    void shortTextsTrainAsInAKitOfShortRows(Task task) throws Exception {
        Kit longRows = kit(TestKits.spec(task, 4, LONG));
        Kit shortRows = kit(TestKits.spec(task, 4, SHORT));
        for (EngineKind kind : EngineKind.values()) {
            try (TrainingEngine one = Engines.open(longRows, kind);
                    TrainingEngine other = Engines.open(shortRows, kind)) {
                for (int i = 0; i < 20; i++) {
                    Batch batch = SampleBatches.of(shortRows.spec(), i, 3, 0);
                    assertThat(one.step(padded(batch, longRows.spec()), RATE))
                            .isCloseTo(other.step(batch, RATE), within(1e-5f));
                }
                assertThat(one.weights().toArray())
                        .containsExactly(other.weights().toArray(), within(1e-5f));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(value = Task.class, mode = Mode.EXCLUDE, names = "MASKED_LM")
    void bothEnginesAgreeWhateverTheLengths(Task task) throws Exception {
        KitSpec plain = TestKits.spec(task, 4, LONG);
        agree(plain);
        if (!plain.lora().isNone()) {
            LoraOptions dropout = LoraOptions.PLAIN.withDropout(0.3);
            agree(new KitSpec(task, plain.lora().with(dropout), plain.labels(), 4, LONG));
        }
    }

    /** The eval model is opened late: what lies on the disk by then has to be what was verified. */
    @Test
    void aKitThatChangedSinceIsNotJudgedBy() throws Exception {
        for (String file : List.of("weights", "eval_model.onnx")) {
            Kit kit = kit(TestKits.spec(Task.CAUSAL_LM, 4, SHORT));
            try (TrainingEngine engine = Engines.open(kit, EngineKind.ORT_TRAINING)) {
                Path path = kit.folder().resolve(file);
                byte[] bytes = Files.readAllBytes(path);
                bytes[bytes.length - 1]++;
                Files.delete(path);
                Files.write(path, bytes);
                Batch batch = SampleBatches.of(kit.spec(), 1);
                assertThatThrownBy(() -> engine.score(batch))
                        .isInstanceOf(EngineException.class)
                        .hasMessageContaining("has changed");
                assertThat(engine.step(batch, RATE)).isFinite();
            }
        }
    }

    private void agree(KitSpec spec) throws Exception {
        Kit kit = kit(spec);
        float[] one = trained(kit, EngineKind.ORT_TRAINING);
        assertThat(one).containsExactly(trained(kit, EngineKind.PLAIN_SESSION), within(1e-5f));
    }

    private static float[] trained(Kit kit, EngineKind kind) throws Exception {
        KitSpec spec = kit.spec();
        KitSpec shorter =
                new KitSpec(spec.task(), spec.lora(), spec.objective(), spec.labels(), spec.batch(), SHORT, 0);
        try (TrainingEngine engine = Engines.open(kit, kind)) {
            engine.load(kit.initial(), 3);
            for (int i = 0; i < 20; i++) {
                boolean isShort = i % 3 > 0;
                Batch batch = isShort ? padded(SampleBatches.of(shorter, i), spec) : SampleBatches.of(spec, i);
                engine.step(batch, RATE);
            }
            return engine.weights().toArray();
        }
    }

    private Kit kit(KitSpec spec) throws Exception {
        return TestKits.build(spec, Files.createTempDirectory(folder, "kit"));
    }

    /** The same texts in longer rows. */
    private static Batch padded(Batch batch, KitSpec spec) {
        int rows = batch.batch();
        long[] tokens = new long[rows * spec.length()];
        long[] next = new long[batch.hasNextTokens() ? tokens.length : 0];
        int[] lengths = new int[rows];
        for (int row = 0; row < rows; row++) {
            int from = row * batch.length();
            int to = row * spec.length();
            System.arraycopy(batch.tokens(), from, tokens, to, batch.length());
            if (batch.hasNextTokens()) {
                System.arraycopy(batch.nextTokens(), from, next, to, batch.length());
            }
            lengths[row] = (int) Arrays.stream(batch.attentionMask(), from, from + batch.length())
                    .sum();
        }
        return switch (spec.task()) {
            case CAUSAL_LM, MASKED_LM -> Batch.causal(rows, spec.length(), batch.rowsUsed(), tokens, lengths, next);
            case TEXT_CLASSIFICATION ->
                Batch.classification(rows, spec.length(), batch.rowsUsed(), tokens, lengths, batch.rowLabels());
            case PRETRAINING ->
                Batch.joint(rows, spec.length(), batch.rowsUsed(), tokens, lengths, next, batch.rowLabels());
        };
    }
}
