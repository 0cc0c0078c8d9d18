package dev.coppice.adapters.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.coppice.adapters.format.OnnxAdapter;
import dev.coppice.adapters.format.PeftAdapter;
import dev.coppice.adapters.kit.Npz;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.huggingface.ModelImport;
import dev.coppice.testkit.TestData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real pretrained model, imported from the files of its makers, with a cache and with an adapter that PEFT trained. */
class StoriesTest {
    @TempDir
    static Path folder;

    private static BaseModel stories;

    @BeforeAll
    @SuppressWarnings("MustBeClosed") // closed after all tests
    static void load() throws Exception {
        Path weights = TestData.find("models/stories260K/derived/hf");
        Path tokenizer = TestData.find("models/stories260K/tok512.bin");
        new ModelImport(weights, tokenizer, "stories", 512).into(folder.resolve("stories"));
        stories = BaseModel.open(folder.resolve("stories"));
    }

    @AfterAll
    static void close() {
        if (stories != null) {
            stories.close();
        }
    }

    @Test
    void itTellsTheStoriesOfTheReferenceWithTheirIdsAndTheirText() throws Exception {
        JsonNode expected = new ObjectMapper()
                .readTree(TestData.find("models/stories260K/derived/expected.json")
                        .toFile());
        try (Generator generator = Generator.open(stories, AdapterTargets.none(), 1);
                AdapterStack none = AdapterStack.none()) {
            assertThat(generator.remembers()).isTrue();
            for (JsonNode one : expected.get("generations")) {
                int[] prompt = ids(one.get("prompt_ids"));
                int[] greedy = ids(one.get("greedy_ids"));
                GenerationSettings settings = GenerationSettings.greedy(greedy.length - prompt.length);
                try (Generation text = generator.generate(one.get("prompt").asText(), none, settings, bytes -> {})) {
                    String told = one.get("prompt").asText() + text.rest();
                    assertThat(text.promptLength()).isEqualTo(prompt.length);
                    assertThat(text.tokens()).isEqualTo(Arrays.copyOfRange(greedy, prompt.length, greedy.length));
                    assertThat(told.strip()).isEqualTo(one.get("text").asText().strip());
                }
            }
        }
    }

    @Test
    void anAdapterInAFolderOfPeftChangesTheStoryAndItsLoss() throws Exception {
        List<Adapter> adapters = List.of(Adapter.of(falstaff()));
        List<String> lines = List.of("What, is the old king dead?", "I am glad thou art so honest a man, Hal.");
        try (Scorer scorer = Scorer.open(stories, AdapterTargets.of(adapters), 1);
                AdapterStack none = AdapterStack.none();
                AdapterStack stack = AdapterStack.of(adapters)) {
            double before = total(scorer.score(lines, none)).meanLoss();
            double after = total(scorer.score(lines, stack)).meanLoss();
            assertThat(after).isLessThan(before - 0.5);
        }
    }

    @Test
    void mergedItIsAsGoodAsBeside() throws Exception {
        List<Adapter> adapters = List.of(Adapter.of(falstaff()));
        ModelExport.merged(stories, adapters, "merged", folder.resolve("merged"));
        List<String> lines = List.of("What, is the old king dead?");
        try (BaseModel merged = BaseModel.open(folder.resolve("merged"));
                Scorer plain = Scorer.open(merged, AdapterTargets.none(), 1);
                Scorer adapted = Scorer.open(stories, AdapterTargets.of(adapters), 1);
                AdapterStack none = AdapterStack.none();
                AdapterStack stack = AdapterStack.of(adapters)) {
            assertThat(plain.score(lines, none).get(0).loss())
                    .isCloseTo(adapted.score(lines, stack).get(0).loss(), offset(1e-4));
        }
    }

    @Test
    void besideItsGraphLiesTheAdapterThatOnnxRuntimesOwnLoraSupportTakes() throws Exception {
        ModelExport.beside(stories, falstaff(), "beside", folder.resolve("beside"));
        byte[] written = Files.readAllBytes(folder.resolve("beside").resolve(ModelExport.ADAPTER));
        assertThat(OnnxAdapter.read(written).weights().layout().tensors()).hasSize(20);
        Npz reference = new Npz(TestData.find("models/peft-adapters/llama-qv-r4/reference.npz"));
        try (BaseModel beside = BaseModel.open(folder.resolve("beside"))) {
            List<int[]> rows = Foreign.rows(reference.read("input_ids"), reference.read("attention_mask"));
            try (AdaptedSession session = Foreign.whole(beside.onnx(), AdapterTargets.none());
                    AdapterStack none = AdapterStack.none()) {
                assertThat(Foreign.distance(
                                Foreign.logits(session, none, rows),
                                reference.read("logits_base").floats(),
                                rows))
                        .isLessThan(1e-4f);
            }
        }
    }

    private static PeftAdapter falstaff() throws Exception {
        return PeftAdapter.read(TestData.find("models/peft-adapters/llama-qv-r4"));
    }

    private static TextScore total(List<TextScore> scores) {
        return scores.stream().reduce(TextScore.NONE, TextScore::plus);
    }

    private static int[] ids(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .mapToInt(JsonNode::asInt)
                .toArray();
    }
}
