package dev.coppice.adapters.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.runtime.Batch;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class BatchesTest {
    private static final LoraSpec LORA = new LoraSpec(2, 4, List.of("q_proj"), Factors.B, 1);
    private static final KitSpec LABELS = new KitSpec(Task.TEXT_CLASSIFICATION, LORA, List.of("no", "yes"), 4, 8);
    private static final KitSpec TOKENS = new KitSpec(Task.CAUSAL_LM, LORA, List.of(), 4, 8);

    @SuppressWarnings("NullAway.Init")
    private static TextTokenizer tokenizer;

    @BeforeAll
    @SuppressWarnings("MustBeClosedChecker") // closed after all tests
    static void open() throws TokenizerRefusedException {
        tokenizer = TextTokenizer.of(BpeTrainer.train(List.of("x"), 257));
    }

    @AfterAll
    static void close() {
        tokenizer.close();
    }

    @Test
    void examplesFillBatchesInOrderAndTheLastKeepsUnusedRows() {
        List<Batch> batches = batches(LABELS).of(Collections.nCopies(5, new Example("a", "yes")));
        assertThat(batches).extracting(Batch::rowsUsed).containsExactly(4, 1);
        assertThat(batches).allMatch(batch -> batch.label(0) == 1 && batch.length() == 8);
    }

    /** Labels say which texts are long. */
    @Test
    void shortTextsShareBatchesInTheirOrder() {
        Batches batches = batches(new KitSpec(Task.TEXT_CLASSIFICATION, LORA, List.of("short", "long"), 2, 32));
        Example shortText = new Example("a", "short");
        Example longText = new Example("twenty letters and so", "long");
        List<Batch> dealt = batches.byLength(List.of(longText, shortText, shortText, longText, shortText));
        assertThat(dealt).extracting(batch -> batch.label(0)).containsExactly(0L, 0L, 1L);
        assertThat(dealt).extracting(batch -> batch.label(1)).containsExactly(0L, 1L, -100L);
        assertThat(batches.hasSeveralLengths()).isTrue();
    }

    /** Texts of 2 letters, with a space before and an end behind: 4 labels each. */
    @Test
    void aBatchHasNoMoreLabelsThanTheKitHasRoomFor() {
        List<Example> texts = Collections.nCopies(7, new Example("ab", ""));
        assertThat(batches(TOKENS.withPredictedMax(12)).of(texts))
                .extracting(Batch::rowsUsed)
                .containsExactly(3, 3, 1);
        assertThat(batches(TOKENS.withPredictedMax(11)).of(texts))
                .extracting(Batch::rowsUsed)
                .containsExactly(2, 2, 2, 1);
        assertThat(batches(TOKENS.withPredictedMax(3)).of(texts)).hasSize(7).allMatch(batch -> batch.rowsUsed() == 1);
        assertThat(batches(TOKENS.withPredictedMax(32)).of(texts))
                .extracting(Batch::rowsUsed)
                .containsExactly(4, 3);
    }

    @Test
    void aKitOfOneLengthKeepsTheOrder() {
        Batches batches = batches(LABELS);
        List<Example> examples = List.of(new Example("abcdef", "yes"), new Example("a", "no"));
        assertThat(batches.byLength(examples))
                .singleElement()
                .satisfies(batch -> assertThat(batch.label(0)).isEqualTo(1));
        assertThat(batches.hasSeveralLengths()).isFalse();
    }

    @Test
    void unknownLabelsAndEmptyTextsAreLeftOut() {
        Batches batches = batches(LABELS);
        assertThat(batches.usable(new Example("a", "maybe"))).isFalse();
        assertThat(batches.usable(new Example(" ", "yes"))).isFalse();
        assertThat(batches.of(List.of(new Example("a", "maybe"), new Example("b", "no"))))
                .singleElement()
                .satisfies(batch -> assertThat(batch.rowsUsed()).isEqualTo(1))
                .satisfies(batch -> assertThat(batch.label(0)).isZero());
    }

    @Test
    void aLongTextIsOneRowForALabelAndSeveralForTokens() {
        Example longText = new Example("abcdefghijklmnopqrst", "yes"); // 21 tokens with the space before it
        assertThat(batches(LABELS).of(List.of(longText)))
                .extracting(Batch::rowsUsed)
                .containsExactly(1);
        // 22 positions: each of the 21 tokens and the end is to be predicted once
        assertThat(batches(TOKENS).of(List.of(longText)))
                .extracting(Batch::rowsUsed)
                .containsExactly(3);
        Example exact = new Example("abcdef", ""); // 7 tokens and the end: 8 positions
        assertThat(batches(TOKENS).of(List.of(exact)))
                .extracting(Batch::rowsUsed)
                .containsExactly(1);
        Example oneMore = new Example("abcdefg", "");
        assertThat(batches(TOKENS).of(List.of(oneMore)))
                .extracting(Batch::rowsUsed)
                .containsExactly(2);
    }

    /** Texts of 2 letters are 4 positions: 7 of them fill 3 rows and a half, and one of 18 goes on into the next rows. */
    @Test
    void inAPassShortTextsShareRowsAndEachTokenIsStillPredictedOnce() {
        Batches batches = batches(TOKENS);
        List<Example> texts = new ArrayList<>(Collections.nCopies(7, new Example("ab", "")));
        texts.add(new Example("abcdefghijklmnopq", ""));
        List<Batch> pass = batches.pass(texts);
        assertThat(pass).extracting(Batch::rowsUsed).containsExactly(4, 2);
        assertThat(positions(pass)).isEqualTo(positions(batches.of(texts))).hasSize(7 * 4 + 19);
        assertThat(batches(LABELS).pass(Collections.nCopies(5, new Example("a", "yes"))))
                .extracting(Batch::rowsUsed)
                .containsExactly(4, 1);
    }

    /** What is read and what is to follow, position by position. */
    private static List<String> positions(List<Batch> batches) {
        List<String> positions = new ArrayList<>();
        for (Batch batch : batches) {
            long[] tokens = batch.tokens();
            long[] next = batch.nextTokens();
            for (int i = 0; i < next.length; i++) {
                if (next[i] != Batch.IGNORED) {
                    positions.add(tokens[i] + " " + next[i]);
                }
            }
        }
        return positions;
    }

    @Test
    void anExampleDoesNotPrintItsText() {
        assertThat(new Example("secret", "yes").toString()).doesNotContain("secret");
    }

    private static Batches batches(KitSpec spec) {
        return new Batches(tokenizer, spec, 0, 0, 0);
    }
}
