package dev.coppice.adapters.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitBuilder;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.runtime.Batch;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.runtime.Engines;
import dev.coppice.adapters.runtime.TrainingEngine;
import dev.coppice.testkit.SeededBytes;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MaskingTest {
    private static final int MASK = 4;
    private static final Set<Integer> SPECIAL = Set.of(0, 1, 2, MASK);
    private static final int VOCABULARY = 1_000;
    private static final Masking USUAL = new Masking(MASK, SPECIAL, VOCABULARY, Masking.USUAL_SHARE);

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource("dev.coppice.testkit.Seeds#all")
    void ofTheChosenEightyPercentAreMaskedTenReplacedAndTenKept(long seed) {
        long[] tokens = tokens(40_000);
        long[] before = tokens.clone();
        long[] hidden = USUAL.hide(tokens, new SeededBytes(seed)::fill);
        int chosen = 0;
        int masked = 0;
        int replaced = 0;
        int ordinary = 0;
        for (int i = 0; i < tokens.length; i++) {
            boolean special = SPECIAL.contains((int) before[i]);
            ordinary += special ? 0 : 1;
            if (hidden[i] == Batch.IGNORED) {
                assertThat(tokens[i]).as("what is not chosen stays").isEqualTo(before[i]);
                continue;
            }
            assertThat(hidden[i]).as("the label is the true id").isEqualTo(before[i]);
            assertThat(special).as("a special token is never chosen").isFalse();
            chosen++;
            masked += tokens[i] == MASK ? 1 : 0;
            if (tokens[i] != MASK && tokens[i] != before[i]) {
                replaced++;
                assertThat(SPECIAL).doesNotContain((int) tokens[i]);
            }
        }
        assertThat(chosen / (double) ordinary).isBetween(0.14, 0.16);
        assertThat(masked / (double) chosen).isBetween(0.78, 0.82);
        assertThat(replaced / (double) chosen).isBetween(0.08, 0.12);
    }

    @Test
    void theSameRandomBytesHideTheSameTokensAndOthersOthers() {
        long[] one = tokens(500);
        long[] two = tokens(500);
        long[] three = tokens(500);
        assertThat(USUAL.hide(one, new SeededBytes(1)::fill)).isEqualTo(USUAL.hide(two, new SeededBytes(1)::fill));
        USUAL.hide(three, new SeededBytes(2)::fill);
        assertThat(one).isEqualTo(two).isNotEqualTo(three);
    }

    @Test
    void whatCannotHideAnythingIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Masking(MASK, Set.of(0), VOCABULARY, 0.1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Masking(MASK, SPECIAL, VOCABULARY, 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new Masking(MASK, SPECIAL, MASK, 0.1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Masking(0, Set.of(0, 1), 2, 0.1));
    }

    /** A quarter of the tokens of two texts that are alike is learned from what stands around them. */
    @Test
    void aModelIsTrainedFromTextsAlone() throws Exception {
        LoraSpec lora = new LoraSpec(8, 16, List.of("all-linear"), Factors.BOTH, 7);
        KitSpec spec = new KitSpec(Task.MASKED_LM, lora, List.of(), 4, 16);
        TinyDecoder.standard().write(folder.resolve("model.onnx"));
        Kit kit =
                KitBuilder.build(folder.resolve("model.onnx"), "ab".repeat(32), List.of(), spec, folder.resolve("kit"));
        List<Example> texts = List.of(new Example("aaaaaaaaaaaaaaaaaaaaaaaaa", ""), new Example("aaaaaaaaaaaa", ""));
        Masking masking = new Masking(1, Set.of(0, 1, 2), 512, 0.25);
        try (TextTokenizer tokenizer = TextTokenizer.of(BpeTrainer.train(List.of("x"), 257));
                TrainingEngine engine = Engines.open(kit, EngineKind.ORT_TRAINING)) {
            Batches batches = new Batches(tokenizer, spec, 0, 1, 2);
            assertThatIllegalStateException().isThrownBy(() -> batches.of(texts));
            assertThatIllegalStateException().isThrownBy(() -> batches.single("a"));
            Batch held =
                    batches.masked(texts, masking, new SeededBytes(-1)::fill).get(0);
            assertThat(held.rowsUsed()).as("26 tokens in rows of 14, and 13").isEqualTo(3);
            assertThat(engine.score(held).tokens())
                    .filteredOn(score -> score.loss() > 0)
                    .hasSizeBetween(3, 20);
            float first = engine.step(held, 1e-2f);
            for (int seed = 0; seed < 60; seed++) {
                engine.step(
                        batches.masked(texts, masking, new SeededBytes(seed)::fill)
                                .get(0),
                        1e-2f);
            }
            assertThat(engine.step(held, 1e-2f)).isLessThan(first / 4);
        }
    }

    /** Every sixteenth is a special token. */
    private static long[] tokens(int count) {
        long[] tokens = new long[count];
        for (int i = 0; i < count; i++) {
            tokens[i] = i % 16 == 0 ? i / 16 % 3 : 5 + i % (VOCABULARY - 5);
        }
        return tokens;
    }
}
