package dev.coppice.adapters.model.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ModelRun;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.adapters.kit.Npz;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.model.decoder.DecoderShape;
import dev.coppice.adapters.text.BpeTrainer;
import dev.coppice.testkit.TestData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelImportTest {
    private static final String SMALL = """
            {"model_type":"%s","vocab_size":260,"hidden_size":16,"num_hidden_layers":2,"intermediate_size":24,
             "num_attention_heads":4,"num_key_value_heads":2,"max_position_embeddings":64,"eos_token_id":[0,2]%s}""";

    @TempDir
    Path folder;

    /** Logits of two texts, one of them padded, as PyTorch computed them; and ids as llama2.c gives them. */
    @Test
    void stories260kBecomesABaseModelWithTheLogitsOfTorch() throws Exception {
        Path stories = TestData.find("models/stories260K");
        ModelImport.Result result = new ModelImport(
                        stories.resolve("derived/hf"), stories.resolve("tok512.bin"), "stories", 8_192)
                .into(folder.resolve("model"));
        assertThat(result.parameters()).isEqualTo(260_032);
        assertThat(result.lengthMax()).isEqualTo(512);
        Npz reference = new Npz(TestData.find("models/onnx-torch-exports/stories260k-llama/reference.npz"));
        try (BaseModel model = BaseModel.open(folder.resolve("model"));
                ModelRun run = new ModelRun(model.onnx())) {
            assertThat(model.config().bosId()).isEqualTo(1);
            assertThat(model.config().eosIds()).containsExactly(2);
            for (String text : List.of("_1", "_2")) {
                float[] expected = reference.read("logits" + text).floats();
                assertThat(distance(logits(run, reference, text), expected)).isLessThan(1e-4);
            }
            JsonNode cases = new ObjectMapper()
                    .readTree(stories.resolve("derived/expected.json").toFile())
                    .path("tokenization");
            assertThat(cases).hasSizeGreaterThan(5);
            for (JsonNode row : cases) {
                int[] expected = IntStream.range(1, row.path("ids_with_bos").size())
                        .map(i -> row.path("ids_with_bos").get(i).asInt())
                        .toArray();
                String text = row.path("text").asText();
                assertThat(model.tokenizer().encode(text)).as(text).isEqualTo(expected);
                assertThat(model.tokenizer().decode(expected)).isEqualTo(text);
            }
        }
    }

    /** A model with the fused products of Phi 3. */
    @Test
    void phi3GivesTheLogitsOfTorch() throws Exception {
        Path exported = TestData.find("models/onnx-torch-exports/tiny-phi3");
        Path out = folder.resolve("model");
        new ModelImport(exported.resolve("hf"), tokenizer(), "phi3", 8_192).into(out);
        Npz reference = new Npz(exported.resolve("reference.npz"));
        try (ModelRun run = new ModelRun(out.resolve(BaseModel.ONNX))) {
            assertThat(distance(
                            logits(run, reference, "_1"),
                            reference.read("logits_1").floats()))
                    .isLessThan(1e-4);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "llama | ",
                "llama | ,\"attention_bias\":true,\"mlp_bias\":true,\"tie_word_embeddings\":true",
                "llama | ,\"rope_scaling\":{\"rope_type\":\"llama3\",\"factor\":8,\"low_freq_factor\":1,"
                        + "\"high_freq_factor\":4,\"original_max_position_embeddings\":32}",
                "mistral | ,\"sliding_window\":8,\"head_dim\":6",
                "qwen2 | ,\"sliding_window\":8,\"use_sliding_window\":false,\"rope_theta\":1000000",
                "phi3 | ,\"rope_scaling\":{\"type\":\"linear\",\"factor\":2}"
            })
    void modelsOfEveryTypeAreImported(String type, String more) throws Exception {
        Path weights = small(type, more == null ? "" : more);
        Path out = folder.resolve("model");
        new ModelImport(weights, tokenizer(), "small", 8_192).into(out);
        try (BaseModel model = BaseModel.open(out)) {
            assertThat(model.config().eosIds()).containsExactly(0, 2);
            assertThat(model.config().loraTargets())
                    .isEqualTo(type.equals("phi3") ? List.of("qkv_proj") : List.of("q_proj", "v_proj"));
        }
        new ModelImport(weights, tokenizer(), "again", 8_192).into(out);
    }

    /** float16 and bfloat16 hold the values 0.5 and -0.25 exactly. */
    @ParameterizedTest
    @ValueSource(strings = {"F16", "BF16"})
    void weightsOfSixteenBitsComeOutAsTheyWere(String type) throws Exception {
        Path weights = small("llama", "");
        AdapterWeights stored = Safetensors.read(Files.readAllBytes(weights.resolve("model.safetensors")));
        float[] coarse = new float[stored.layout().count()];
        for (int i = 0; i < coarse.length; i++) {
            coarse[i] = i % 3 == 0 ? 0.5f : -0.25f;
        }
        AdapterWeights simple = AdapterWeights.of(stored.layout(), coarse);
        Files.write(weights.resolve("model.safetensors"), Safetensors.write(simple));
        float[] expected = imported(weights, "whole");
        Files.write(weights.resolve("model.safetensors"), halved(simple, type));
        assertThat(imported(weights, "half")).isEqualTo(expected);
    }

    /** More than 32 MB of weights go to a file of their own, in several of which they also come. */
    @Test
    void largeModelsKeepTheirWeightsBesideTheGraph() throws Exception {
        Path weights = small("llama", ",\"tie_word_embeddings\":true");
        String config =
                Files.readString(weights.resolve("config.json")).replace("\"vocab_size\":260", "\"vocab_size\":600000");
        Files.writeString(weights.resolve("config.json"), config);
        split(weights, DecoderShape.EMBEDDING, new TensorSpec(DecoderShape.EMBEDDING, List.of(600_000, 16)));
        Path out = folder.resolve("model");
        new ModelImport(weights, tokenizer(), "large", 8_192).into(out);
        assertThat(Files.size(out.resolve(BaseModel.ONNX))).isLessThan(1 << 20);
        assertThat(Files.size(out.resolve(ModelImport.DATA))).isGreaterThan(38_000_000);
        try (ModelRun run = new ModelRun(out.resolve(BaseModel.ONNX))) {
            float[] logits = Objects.requireNonNull(run.run(new long[][] {{599_999}}, new long[][] {{1}})
                            .get("logits"))
                    .values();
            assertThat(logits).hasSize(600_000).doesNotContain(Float.NaN);
        }
        Files.write(out.resolve(ModelImport.DATA), new byte[] {1});
        assertThatThrownBy(() -> open(out))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining(ModelImport.DATA);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gpt2 | | gpt2",
                "llama | ,\"hidden_act\":\"gelu\" | gelu",
                "llama | ,\"rope_scaling\":{\"type\":\"yarn\",\"factor\":4} | yarn",
                "llama | ,\"quantization_config\":{} | quantized",
                "llama | ,\"head_dim\":3 | width 3",
                "phi3 | ,\"partial_rotary_factor\":0.5 | partial_rotary_factor",
                "mistral | ,\"sliding_window\":8,\"layer_types\":[\"full_attention\",\"sliding_attention\"] | window",
            })
    void whatIsNotSupportedIsRefusedByName(String type, String more, String named) throws Exception {
        Path weights = small("llama", "");
        Files.writeString(weights.resolve("config.json"), SMALL.formatted(type, more == null ? "" : more));
        refused(weights, named);
    }

    @Test
    void weightsThatDoNotFitAreRefusedByName() throws Exception {
        Path weights = small("llama", "");
        Path file = weights.resolve("model.safetensors");
        AdapterWeights whole = Safetensors.read(Files.readAllBytes(file));
        Files.write(file, Safetensors.write(without(whole, "model.norm.weight", null)));
        refused(weights, "model.norm.weight");
        Files.write(file, Safetensors.write(without(whole, "", new TensorSpec("model.extra", List.of(2)))));
        refused(weights, "model.extra");
        TensorSpec wrong = new TensorSpec("model.norm.weight", List.of(17));
        Files.write(file, Safetensors.write(without(whole, "model.norm.weight", wrong)));
        refused(weights, "[17]");
        Files.write(file, new byte[100]);
        refused(weights, "model.safetensors");
        Files.delete(file);
        refused(weights, "model.safetensors");
    }

    @Test
    void aFolderWithSomethingElseInItIsLeftAlone() throws Exception {
        Path out = Files.createDirectories(folder.resolve("mine"));
        Files.writeString(out.resolve("diary.txt"), "dear diary");
        Path weights = small("llama", "");
        assertThatThrownBy(() -> new ModelImport(weights, tokenizer(), "small", 64).into(out))
                .isInstanceOf(ModelRefusedException.class);
        assertThat(out.resolve("diary.txt")).hasContent("dear diary");
    }

    private void refused(Path weights, String named) {
        assertThatThrownBy(() -> new ModelImport(weights, tokenizer(), "small", 64).into(folder.resolve("model")))
                .isInstanceOf(ModelRefusedException.class)
                .hasMessageContaining(named);
        assertThat(folder.resolve("model")).doesNotExist();
    }

    @SuppressWarnings("MustBeClosedChecker")
    private static void open(Path out) throws IOException, ModelRefusedException {
        BaseModel.open(out).close();
    }

    private float[] imported(Path weights, String name) throws Exception {
        Path out = folder.resolve(name);
        new ModelImport(weights, tokenizer(), name, 64).into(out);
        try (ModelRun run = new ModelRun(out.resolve(BaseModel.ONNX))) {
            return Objects.requireNonNull(run.run(new long[][] {{1, 2, 3}}, new long[][] {{1, 1, 1}})
                            .get("logits"))
                    .values();
        }
    }

    /** A folder with random weights as transformers stores them: matrices [out, in]. */
    private Path small(String type, String more) throws Exception {
        Path weights = Files.createDirectories(folder.resolve("weights"));
        byte[] json = SMALL.formatted(type, more).getBytes(StandardCharsets.UTF_8);
        Files.write(weights.resolve("config.json"), json);
        DecoderShape shape = LlamaConfig.shape(ConfigJson.of("config.json", json), 64);
        List<TensorSpec> stored = shape.tensors().stream()
                .map(tensor -> tensor.shape().size() == 1 || tensor.name().equals(DecoderShape.EMBEDDING)
                        ? tensor
                        : new TensorSpec(
                                tensor.name(),
                                List.of(tensor.shape().get(1), tensor.shape().get(0))))
                .toList();
        Files.write(weights.resolve("model.safetensors"), Safetensors.write(random(stored)));
        return weights;
    }

    private static AdapterWeights random(List<TensorSpec> tensors) {
        ParameterLayout layout = ParameterLayout.of(tensors);
        SplittableRandom random = new SplittableRandom(5);
        float[] values = new float[layout.count()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.3 * random.nextGaussian());
        }
        return AdapterWeights.of(layout, values);
    }

    private static AdapterWeights without(AdapterWeights whole, String name, @Nullable TensorSpec instead) {
        List<TensorSpec> tensors = new ArrayList<>(whole.layout().tensors());
        tensors.removeIf(tensor -> tensor.name().equals(name));
        if (instead != null) {
            tensors.add(instead);
        }
        return random(tensors);
    }

    /** Moves one tensor, in another size, to a second file, and writes the index. */
    private static void split(Path weights, String name, TensorSpec instead) throws Exception {
        Path single = weights.resolve("model.safetensors");
        AdapterWeights whole = Safetensors.read(Files.readAllBytes(single));
        AdapterWeights rest = without(whole, name, null);
        Files.delete(single);
        Files.write(weights.resolve("a.safetensors"), Safetensors.write(rest));
        Files.write(weights.resolve("b.safetensors"), Safetensors.write(random(List.of(instead))));
        ObjectMapper json = new ObjectMapper();
        Map<String, String> map = new TreeMap<>();
        rest.layout().tensors().forEach(tensor -> map.put(tensor.name(), "a.safetensors"));
        map.put(name, "b.safetensors");
        Files.write(weights.resolve("model.safetensors.index.json"), json.writeValueAsBytes(Map.of("weight_map", map)));
    }

    private static byte[] halved(AdapterWeights weights, String type) throws IOException {
        byte[] file = Safetensors.write(weights);
        int headerBytes =
                (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        JsonNode header = new ObjectMapper().readTree(Arrays.copyOfRange(file, 8, 8 + headerBytes));
        ObjectMapper json = new ObjectMapper();
        header.properties().forEach(entry -> {
            ObjectNode tensor = (ObjectNode) entry.getValue();
            tensor.put("dtype", type);
            long from = tensor.path("data_offsets").get(0).asLong() / 2;
            long to = tensor.path("data_offsets").get(1).asLong() / 2;
            tensor.putArray("data_offsets").add(from).add(to);
        });
        byte[] text = json.writeValueAsBytes(header);
        float[] values = weights.toArray();
        ByteBuffer half =
                ByteBuffer.allocate(8 + text.length + 2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        half.putLong(text.length).put(text);
        for (float value : values) {
            boolean positive = value == 0.5f;
            half.putShort((short) (type.equals("F16") ? (positive ? 0x3800 : 0xb400) : (positive ? 0x3f00 : 0xbe80)));
        }
        return half.array();
    }

    private Path tokenizer() throws IOException {
        return Files.write(folder.resolve("tokenizer.json"), BpeTrainer.train(List.of("abab abab"), 259));
    }

    private static float[] logits(ModelRun run, Npz reference, String text) throws Exception {
        long[][] ids = rows(reference.read("input_ids" + text));
        long[][] mask = rows(reference.read("attention_mask" + text));
        return Objects.requireNonNull(run.run(ids, mask).get("logits")).values();
    }

    private static long[][] rows(Npz.Entry entry) {
        int length = (int) entry.shape[1];
        return IntStream.range(0, (int) entry.shape[0])
                .mapToObj(row -> Arrays.copyOfRange(entry.longs(), row * length, (row + 1) * length))
                .toArray(long[][]::new);
    }

    private static double distance(float[] found, float[] expected) {
        assertThat(found).hasSameSizeAs(expected).doesNotContain(Float.NaN);
        return IntStream.range(0, found.length)
                .mapToDouble(i -> Math.abs(found[i] - expected[i]))
                .max()
                .orElse(0);
    }
}
