package dev.coppice.adapters.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.adapters.MergedDecoder;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.kit.Npz;
import dev.coppice.adapters.model.ModelFiles;
import dev.coppice.adapters.runtime.Cancellation;
import dev.coppice.adapters.runtime.SessionSettings;
import dev.coppice.adapters.text.TextTokenizer;
import dev.coppice.testkit.SeededBytes;
import dev.coppice.testkit.TestData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts that models of other origin go on with. */
class GeneratorTest {
    private static final AdapterTargets NO_ADAPTERS = AdapterTargets.none();

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"model_ts.onnx", "model_dynamo.onnx"})
    void theLikeliestIdsAreThoseOfTheReference(String file) throws Exception {
        JsonNode expected = new ObjectMapper()
                .readTree(TestData.find("models/stories260K/derived/expected.json")
                        .toFile());
        try (TextTokenizer tokenizer = Foreign.tokenizer();
                Generator generator = Generator.open(
                        ModelFiles.trusted(Foreign.stories(file)), Foreign.language(tokenizer, 512), NO_ADAPTERS, 1);
                AdapterStack none = AdapterStack.none()) {
            assertThat(generator.remembers()).isFalse();
            for (JsonNode one : expected.get("generations")) {
                int[] prompt = ids(one.get("prompt_ids"));
                int[] greedy = ids(one.get("greedy_ids"));
                GenerationSettings settings = GenerationSettings.greedy(greedy.length - prompt.length);
                try (Generation text = generator.generate(prompt, none, settings, bytes -> {})) {
                    text.rest();
                    assertThat(text.tokens()).isEqualTo(Arrays.copyOfRange(greedy, prompt.length, greedy.length));
                    assertThat(text.ending()).contains(Ending.TOKENS_MAX);
                }
            }
        }
    }

    @Test
    void logitsOfAFusedModelWithACacheAreThoseOfTheStockRuntime() throws Exception {
        Npz reference = new Npz(TestData.find("models/onnx-genai/gpt2-fp32/reference_ort.npz"));
        List<int[]> rows = Foreign.rows(reference.read("input_ids"), reference.read("attention_mask"));
        try (AdaptedSession session = Foreign.whole(Foreign.gpt2(), NO_ADAPTERS);
                AdapterStack none = AdapterStack.none()) {
            assertThat(Foreign.distance(
                            Foreign.logits(session, none, rows),
                            reference.read("logits").floats(),
                            rows))
                    .isLessThan(1e-4f);
        }
    }

    /** Read at once, in two parts, or token by token: what is remembered is as good as what is read. */
    @Test
    void aCacheChangesNothing() throws Exception {
        int[] ids = {5, 17, 400, 3, 999, 42, 8};
        try (AdaptedSession session = AdaptedSession.open(
                        ModelFiles.trusted(Foreign.gpt2()), Purpose.GENERATE, NO_ADAPTERS, SessionSettings.threads(1));
                AdapterStack none = AdapterStack.none();
                Cancellation never = Cancellation.open()) {
            float[] atOnce = read(session, none, never, ids.length, ids);
            assertThat(Foreign.distance(read(session, none, never, 4, ids), atOnce))
                    .isLessThan(1e-4f);
            assertThat(Foreign.distance(read(session, none, never, 1, ids), atOnce))
                    .isLessThan(1e-4f);
        }
    }

    @Test
    void aModelWithACacheGoesOnAsOneThatReadsEverythingAgain() throws Exception {
        int[] prompt = {5, 17, 400};
        try (TextTokenizer tokenizer = Foreign.tokenizer();
                Generator generator = Generator.open(
                        ModelFiles.trusted(Foreign.gpt2()), Foreign.language(tokenizer, 512), NO_ADAPTERS, 1);
                AdapterStack none = AdapterStack.none();
                Generation text = generator.generate(prompt, none, GenerationSettings.greedy(12), bytes -> {})) {
            assertThat(generator.remembers()).isTrue();
            text.rest();
            int[] again = prompt;
            for (int id : text.tokens()) {
                try (Generation one = generator.generate(again, none, GenerationSettings.greedy(1), bytes -> {})) {
                    one.rest();
                    assertThat(one.tokens()).containsExactly(id);
                }
                again = Arrays.copyOf(again, again.length + 1);
                again[again.length - 1] = id;
            }
        }
    }

    /** Its branch without a cache, with places for adapters, reads the whole text again for each token. */
    @Test
    void aMergedDecoderGoesOnAsTheOneThatWasMerged() throws Exception {
        ModelProto alone = TinyDecoder.standard().build();
        AdapterTargets targets = new AdapterTargets(Set.of("q_proj"), Set.of());
        List<int[]> texts = new ArrayList<>();
        for (ModelProto model : List.of(alone, MergedDecoder.of(alone))) {
            Path file = Files.write(folder.resolve("model-" + texts.size() + ".onnx"), model.toByteArray());
            try (TextTokenizer tokenizer = Foreign.tokenizer();
                    Generator generator =
                            Generator.open(ModelFiles.trusted(file), Foreign.language(tokenizer, 512), targets, 1);
                    AdapterStack none = AdapterStack.none();
                    Generation text = generator.generate(
                            new int[] {5, 17, 400}, none, GenerationSettings.greedy(8), bytes -> {})) {
                assertThat(generator.remembers()).isFalse();
                text.rest();
                texts.add(text.tokens());
            }
        }
        assertThat(texts.get(1)).hasSize(8).isEqualTo(texts.get(0));
    }

    @Test
    void equalSeedsGiveEqualTextsAndOthersOthers() throws Exception {
        try (TextTokenizer tokenizer = Foreign.tokenizer();
                Generator generator = Generator.open(
                        ModelFiles.trusted(Foreign.gpt2()), Foreign.language(tokenizer, 512), NO_ADAPTERS, 1)) {
            assertThat(drawn(generator, 1)).isEqualTo(drawn(generator, 1)).isNotEqualTo(drawn(generator, 2));
        }
    }

    @Test
    void piecesTogetherAreTheTextOfAllTokens() throws Exception {
        try (TextTokenizer tokenizer = Foreign.tokenizer();
                Generator generator = Generator.open(
                        ModelFiles.trusted(Foreign.gpt2()), Foreign.language(tokenizer, 512), NO_ADAPTERS, 1);
                AdapterStack none = AdapterStack.none();
                Generation text =
                        generator.generate(new int[] {5}, none, wild(60, List.of()), new SeededBytes(3)::fill)) {
            String whole = text.rest();
            int[] all = new int[text.tokens().length + 1];
            all[0] = 5;
            System.arraycopy(text.tokens(), 0, all, 1, all.length - 1);
            assertThat(tokenizer.decode(new int[] {5}) + whole).isEqualTo(tokenizer.decode(all));
        }
    }

    @Test
    void aStopTextEndsTheTextBeforeIt() throws Exception {
        try (TextTokenizer tokenizer = Foreign.tokenizer();
                Generator generator = Generator.open(
                        ModelFiles.trusted(Foreign.gpt2()), Foreign.language(tokenizer, 512), NO_ADAPTERS, 1);
                AdapterStack none = AdapterStack.none()) {
            String whole = rest(generator, none, wild(40, List.of()));
            String stop = whole.substring(20, 24);
            String cut = rest(generator, none, wild(40, List.of("not in there at all", stop)));
            assertThat(cut).isEqualTo(whole.substring(0, whole.indexOf(stop)));
        }
    }

    @Test
    void aTextEndsWhereTheModelsLengthDoes() throws Exception {
        try (TextTokenizer tokenizer = Foreign.tokenizer();
                Generator generator = Generator.open(
                        ModelFiles.trusted(Foreign.gpt2()), Foreign.language(tokenizer, 8), NO_ADAPTERS, 1);
                AdapterStack none = AdapterStack.none();
                Generation text =
                        generator.generate(new int[] {5, 6}, none, GenerationSettings.greedy(100), bytes -> {})) {
            text.rest();
            assertThat(text.tokens()).hasSize(6);
            assertThat(text.ending()).contains(Ending.LENGTH_MAX);
            assertThatThrownBy(() -> generator.generate(new int[8], none, GenerationSettings.greedy(1), bytes -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("8 tokens");
        }
    }

    @Test
    void aCancelledTextEndsAndItsGeneratorGoesOn() throws Exception {
        try (TextTokenizer tokenizer = Foreign.tokenizer();
                Generator generator = Generator.open(
                        ModelFiles.trusted(Foreign.gpt2()), Foreign.language(tokenizer, 512), NO_ADAPTERS, 1);
                AdapterStack none = AdapterStack.none()) {
            try (Generation text =
                    generator.generate(new int[] {5}, none, GenerationSettings.greedy(400), bytes -> {})) {
                assertThat(text.next()).isPresent();
                text.cancel();
                text.rest();
                assertThat(text.ending()).contains(Ending.CANCELLED);
                assertThat(text.tokens()).hasSizeLessThan(10);
            }
            assertThat(rest(generator, none, GenerationSettings.greedy(3))).isNotEmpty();
        }
    }

    private static String rest(Generator generator, AdapterStack stack, GenerationSettings settings) throws Exception {
        try (Generation text = generator.generate(new int[] {5}, stack, settings, new SeededBytes(3)::fill)) {
            return text.rest();
        }
    }

    private static List<Integer> drawn(Generator generator, long seed) throws Exception {
        try (AdapterStack none = AdapterStack.none();
                Generation text =
                        generator.generate(new int[] {5, 17}, none, wild(20, List.of()), new SeededBytes(seed)::fill)) {
            text.rest();
            return Arrays.stream(text.tokens()).boxed().toList();
        }
    }

    /** Tokens of all kinds, broken characters among them. */
    private static GenerationSettings wild(int tokens, List<String> stops) {
        return new GenerationSettings(new Sampling(3, 800, 1, 1), tokens, stops);
    }

    private static float[] read(AdaptedSession session, AdapterStack stack, Cancellation never, int step, int[] ids)
            throws Exception {
        List<float[]> logits = new ArrayList<>();
        try (Decoder decoder = new Decoder(session, stack, never)) {
            for (int from = 0; from < ids.length; from += step) {
                logits.add(decoder.read(Arrays.copyOfRange(ids, from, Math.min(ids.length, from + step))));
            }
        }
        return logits.get(logits.size() - 1);
    }

    private static int[] ids(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }
}
