package dev.coppice.adapters.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.testkit.TestData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextTokenizerTest {
    private static final List<String> TEXTS =
            List.of("low low low low low", "lower lower", "newest newest newest newest newest newest", "widest widest");

    private static final String SMALL = "{\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[],"
            + "\"normalizer\":null,\"pre_tokenizer\":null,\"post_processor\":null,\"decoder\":null,\"model\":{\"type\":\"BPE\","
            + "\"dropout\":null,\"unk_token\":null,\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,"
            + "\"fuse_unk\":false,\"byte_fallback\":false,\"vocab\":{\"a\":0,\"b\":1,\"ab\":2,\" \":3},\"merges\":[\"a b\"]}}";

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
            for (String text :
                    List.of("a b", "  \t ab\n\n", "\u0000\uD800é日🌲", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!")) {
                int[] ids = tokenizer.encodeWithSpecial(text);
                assertThat(IntStream.of(ids)).allMatch(id -> id >= 0 && id < tokenizer.vocabularySize());
                assertThat(tokenizer.decode(tokenizer.encode(text))).isNotNull();
                assertThat(tokenizer.decodeWithSpecial(ids)).isNotNull();
            }
            assertThat(tokenizer.decode(new int[] {-1, 0, tokenizer.vocabularySize()}))
                    .isNotNull();
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

    /** Each of these ends the process, or fails with some text, if native code sees it. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            "normalizer":null     | "normalizer":{"type":"Replace","pattern":{"Regex":"^(a+)+$"},"content":"x"}
            "normalizer":null     | "normalizer":{"type":"Precompiled","precompiled_charsmap":"AAAAAA=="}
            "normalizer":null     | "normalizer":{"type":"Precompiled","precompiled_charsmap":"BAAAAP////9hYmM="}
            "normalizer":null     | "normalizer":{"type":"Unheard"}
            "pre_tokenizer":null  | "pre_tokenizer":{"type":"FixedLength","length":0}
            "pre_tokenizer":null  | "pre_tokenizer":{"type":"Split","pattern":{"Regex":"(a+)*$"},"behavior":"Isolated","invert":false}
            "pre_tokenizer":null  | "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"FixedLength","length":0}]}
            "decoder":null        | "decoder":{"type":"Strip","content":" ","start":1000,"stop":1000}
            "decoder":null        | "decoder":{"type":"Sequence"}
            "post_processor":null | "post_processor":{"type":"RobertaProcessing","sep":["a",0],"cls":["b",4000000000],"trim_offsets":true,"add_prefix_space":true}
            "post_processor":null | "post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{"id":"B","type_id":0}}],"pair":[{"Sequence":{"id":"B","type_id":0}}],"special_tokens":{}}
            "unk_token":null      | "unk_token":"<unk>"
            "continuing_subword_prefix":null | "continuing_subword_prefix":"bb"
            "type":"BPE"          | "type":"WordPiece"
            "type":"BPE"          | "type":"Unigram"
            """)
    void whatNativeCodeWouldNotSurviveIsRefused(String right, String wrong) throws TokenizerRefusedException {
        assertThat(SMALL).contains(right);
        try (TextTokenizer tokenizer = TextTokenizer.of(SMALL.getBytes(StandardCharsets.UTF_8))) {
            assertThat(tokenizer.encode("ab")).containsExactly(2);
        }
        assertThatThrownBy(() -> TextTokenizer.of(SMALL.replace(right, wrong).getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(TokenizerRefusedException.class)
                .hasNoCause();
    }

    /** A list of tokens with scores is Unigram's even if no type says so: it fails at unknown text without unk_id. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"model\":{\"vocab\":[[\"\",-2.5]]}}",
                "{\"model\":{\"unk_token\":\"\",\"vocab\":[[\"\",-2.5]]}}",
                "{\"model\":{\"type\":\"WordLevel\",\"vocab\":{\"\":0}}}"
            })
    void aVocabularyWithoutATokenForUnknownTextIsRefusedWhatEverItSays(String json) {
        assertThatThrownBy(() -> TextTokenizer.of(json.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(TokenizerRefusedException.class)
                .hasNoCause();
    }

    /** Jackson compares names by words of four bytes, padded by 0xff, with those that it read before. */
    @Test
    void aNameThatIsNoUtf8IsNotTakenForOneThatIs() {
        byte[] json = "{\"model\":{\"unk_??id\":0,\"vocab\":[[\"N\",1]]}}".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < json.length; i++) {
            json[i] = json[i] == '?' ? (byte) 0xff : json[i];
        }
        assertThatThrownBy(() -> TextTokenizer.of(json))
                .isInstanceOf(TokenizerRefusedException.class)
                .hasMessageContaining("UTF-8");
    }

    /** Bytes: length of the trie; a root of offset 256, its child a of offset 512 with a value; that value, 0. */
    @Test
    void aMapOfCharactersThatLeadsNowhereElseIsLetThrough() throws TokenizerRefusedException {
        ByteBuffer map = ByteBuffer.allocate(4 + 4 * 1024 + 2).order(ByteOrder.LITTLE_ENDIAN);
        map.putInt(0, 4 * 1024);
        map.putInt(4, 256 << 10);
        map.putInt(4 + 4 * (256 ^ 'a'), 512 << 10 | 1 << 8 | 'a');
        map.put(4 + 4 * 1024, (byte) 'b');
        assertThat(ids(map.array())).containsExactly(1);
        map.putInt(4 + 4 * (256 ^ 'a' ^ 512), 3); // a value behind the texts
        assertThatThrownBy(() -> ids(map.array())).isInstanceOf(TokenizerRefusedException.class);
    }

    /** The ids of the text a, by the small tokenizer with a map of characters. */
    private static int[] ids(byte[] map) throws TokenizerRefusedException {
        String normalizer = "\"normalizer\":{\"type\":\"Precompiled\",\"precompiled_charsmap\":\""
                + Base64.getEncoder().encodeToString(map) + "\"}";
        String json = SMALL.replace("\"normalizer\":null", normalizer);
        try (TextTokenizer tokenizer = TextTokenizer.of(json.getBytes(StandardCharsets.UTF_8))) {
            return tokenizer.encode("a");
        }
    }

    /** An added token that the file gives an id that is taken: in use it gets the next one. */
    @Test
    void idsThatNativeCodeGivesAreIdsOfTheVocabulary() throws TokenizerRefusedException {
        String json = SMALL.replace(
                "\"added_tokens\":[]",
                "\"added_tokens\":[{\"id\":1,\"content\":\"zz\",\"single_word\":false,"
                        + "\"lstrip\":false,\"rstrip\":false,\"normalized\":false,\"special\":true}]");
        try (TextTokenizer tokenizer = TextTokenizer.of(json.getBytes(StandardCharsets.UTF_8))) {
            assertThat(tokenizer.encode("zz")).containsExactly(4);
            assertThat(tokenizer.vocabularySize()).isEqualTo(5);
        }
    }

    @Test
    void aTextBeyondTheLimitIsNotGivenToNativeCode() throws TokenizerRefusedException {
        String longest = "a".repeat(TextTokenizer.TEXT_CHARS_MAX);
        try (TextTokenizer tokenizer = TextTokenizer.of(SMALL.getBytes(StandardCharsets.UTF_8))) {
            assertThat(tokenizer.encode(longest)).hasSize(longest.length());
            assertThatIllegalArgumentException().isThrownBy(() -> tokenizer.encode(longest + "a"));
        }
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
