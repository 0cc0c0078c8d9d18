package dev.coppice.adapters.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.testkit.TestData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTokenizerTest {
    private static final List<String> TEXTS =
            List.of("low low low low low", "lower lower", "newest newest newest newest newest newest", "widest widest");

    @Test
    void theMostFrequentPairsAreLearnedFirst() throws TokenizerRefusedException {
        try (TextTokenizer tokenizer = TextTokenizer.of(BpeTrainer.train(TEXTS, 261))) {
            // after the 257 tokens that are always there: "es", "est" (8 times), then "lo" and "low" (7 times)
            assertThat(tokenizer.vocabularySize()).isEqualTo(261);
            assertThat(tokenizer.encode("lowest")).hasSize(3).endsWith(258);
        }
    }

    @Test
    void equalTextsGiveEqualTokenizers() {
        assertThat(BpeTrainer.train(TEXTS, 270)).isEqualTo(BpeTrainer.train(TEXTS, 270));
        assertThat(BpeTrainer.train(TEXTS, 270)).isNotEqualTo(BpeTrainer.train(TEXTS, 271));
    }

    @Test
    void trainingEndsWhenNoPairOccursTwice() throws TokenizerRefusedException {
        try (TextTokenizer tokenizer = TextTokenizer.of(BpeTrainer.train(List.of("abc"), 5_000))) {
            assertThat(tokenizer.vocabularySize()).isEqualTo(257);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "lowest",
                "an  odd   spacing ",
                "don't we'll 42",
                "Größe – naïve 日本語 🌲",
                "tab\tand\nline",
                "\u0000\u0007"
            })
    void everyTextComesBack(String text) throws TokenizerRefusedException {
        try (TextTokenizer tokenizer = TextTokenizer.of(BpeTrainer.train(TEXTS, 300))) {
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(" " + text);
        }
    }

    /** Byte-level BPE, and BPE with byte fallback as Llama and Phi 3 have it, with and without special tokens. */
    @ParameterizedTest
    @ValueSource(strings = {"gpt2-1k", "phi-2", "llama", "phi-3-vision"})
    void publishedTokenizersGiveTheirPublishedIds(String name) throws IOException, TokenizerRefusedException {
        JsonNode cases = new ObjectMapper()
                .readTree(TestData.find("models/tokenizers/" + name + ".expected.json")
                        .toFile())
                .path("cases");
        assertThat(cases).hasSizeGreaterThan(100);
        try (TextTokenizer tokenizer =
                TextTokenizer.open(TestData.find("models/tokenizers/" + name + ".tokenizer.json"))) {
            for (JsonNode row : cases) {
                String text = row.path("text").asText();
                int[] plain = ids(row.path("ids_no_special"));
                assertThat(tokenizer.encode(text)).as(text).isEqualTo(plain);
                assertThat(tokenizer.encodeWithSpecial(text)).as(text).isEqualTo(ids(row.path("ids")));
                assertThat(tokenizer.decodeWithSpecial(plain))
                        .isEqualTo(row.path("decoded").asText());
            }
        }
    }

    @FuzzTest
    void anyJsonIsATokenizerOrRefused(byte[] json) {
        try (TextTokenizer tokenizer = TextTokenizer.of(json)) {
            assertThat(tokenizer.decode(tokenizer.encode("a b"))).isNotNull();
            assertThat(tokenizer.vocabularySize()).isPositive();
        } catch (TokenizerRefusedException refused) {
            assertThat(refused.getMessage()).contains("tokenizer.json");
        }
    }

    private static int[] ids(JsonNode ids) {
        return IntStream.range(0, ids.size()).map(i -> ids.get(i).asInt()).toArray();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "not json",
                "{\"model\":{\"vocab\":{\"a\":-5}}}",
                "{\"model\":{\"vocab\":{\"a\":0}}}",
                "{\"model\":{\"vocab\":{\"a\":0,\"b\":0}}}"
            })
    void whatIsNoTokenizerIsRefused(String json) {
        assertThatThrownBy(() -> TextTokenizer.of(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(TokenizerRefusedException.class);
    }

    @Test
    void aTokenizerMayBeSharedByThreads() throws TokenizerRefusedException {
        try (TextTokenizer tokenizer = TextTokenizer.of(BpeTrainer.train(TEXTS, 300))) {
            int[] alone = tokenizer.encode("newest lowest widest");
            assertThat(Collections.nCopies(500, "newest lowest widest").parallelStream()
                            .map(tokenizer::encode))
                    .allSatisfy(ids -> assertThat(ids).isEqualTo(alone));
        }
    }
}
