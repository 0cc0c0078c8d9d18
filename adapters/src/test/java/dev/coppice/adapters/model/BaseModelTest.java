package dev.coppice.adapters.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import ai.onnxruntime.OrtException;
import dev.coppice.adapters.ModelRun;
import dev.coppice.adapters.ModelRun.Output;
import dev.coppice.adapters.model.decoder.DecoderBuilder;
import dev.coppice.adapters.model.decoder.DecoderShape;
import dev.coppice.adapters.model.decoder.DecoderWeights;
import dev.coppice.adapters.model.decoder.Sizes;
import dev.coppice.adapters.model.decoder.WeightSource;
import dev.coppice.adapters.onnx.ModelBuilder;
import dev.coppice.adapters.text.BpeTrainer;
import dev.coppice.testkit.ProjectFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BaseModelTest {
    private static final DecoderShape SHAPE = DecoderShape.plain(new Sizes(260, 8, 1, 16, 32), 2, 3);
    private static final List<String> LABELS = List.of("no", "yes", "perhaps");

    @TempDir
    Path folder;

    @BeforeEach
    void write() throws IOException {
        write(260, 8, LABELS);
    }

    @Test
    void aWrittenModelIsOpened() throws Exception {
        try (BaseModel model = BaseModel.open(folder)) {
            assertThat(model.config().labels()).isEqualTo(LABELS);
            assertThat(model.tokenizer().encode("abab")).isNotEmpty();
            assertThat(model.sha256()).matches("[0-9a-f]{64}");
        }
    }

    @Test
    void theHashDependsOnAllThreeFiles() throws Exception {
        String before = sha256();
        write(260, 8, List.of("no", "yes", "maybe"));
        String labels = sha256();
        ModelFolder.write(folder, model(2), tokenizer(), description(260, 8, LABELS));
        String weights = sha256();
        byte[] other = BpeTrainer.train(List.of("cdcdcd cdcd"), 259);
        ModelFolder.write(folder, model(1), other, description(260, 8, LABELS));
        assertThat(List.of(before, labels, weights, sha256())).doesNotHaveDuplicates();
    }

    @ParameterizedTest
    @ValueSource(strings = {BaseModel.ONNX, BaseModel.TOKENIZER, BaseModel.CONFIG})
    void aMissingOrTruncatedFileIsRefused(String name) throws IOException {
        byte[] whole = Files.readAllBytes(folder.resolve(name));
        for (int length : new int[] {whole.length - 2, whole.length / 2, 1, 0}) {
            Files.write(folder.resolve(name), Arrays.copyOf(whole, length));
            refused("cut to " + length);
        }
        Files.delete(folder.resolve(name));
        refused("deleted");
    }

    @Test
    void sizesThatTheGraphDoesNotHaveAreRefused() throws IOException {
        write(261, 8, LABELS);
        refused("vocabulary");
        write(260, 9, LABELS);
        refused("width");
        write(260, 8, List.of("no", "yes"));
        refused("labels");
    }

    @Test
    void aTokenizerWithMoreTokensThanTheModelIsRefused() throws IOException {
        byte[] large = BpeTrainer.train(List.of("abcdefghij abcdefghij"), 265);
        ModelFolder.write(folder, model(1), large, description(260, 8, LABELS));
        refused("tokenizer");
    }

    @Test
    void unknownMissingAndRepeatedMembersAreRefused() throws IOException {
        String json = Files.readString(folder.resolve(BaseModel.CONFIG));
        List<Function<String, String>> damages = List.of(
                text -> text.replace("\"padId\" : 0,", ""),
                text -> text.replace("\"padId\" : 0,", "\"padId\" : 0, \"padId\" : 0,"),
                text -> text.replace("\"padId\" : 0,", "\"padId\" : 0, \"more\" : 1,"),
                text -> text.replace("\"padId\" : 0,", "\"padId\" : -1,"),
                text -> text.replace("\"padId\" : 0,", "\"padId\" : null,"),
                text -> text + "{}");
        for (Function<String, String> damage : damages) {
            String damaged = damage.apply(json);
            assertThat(damaged).isNotEqualTo(json);
            assertThatThrownBy(() -> ModelConfig.fromJson(damaged.getBytes(StandardCharsets.UTF_8)))
                    .as(damaged)
                    .isInstanceOf(ModelRefusedException.class);
        }
    }

    @Test
    void theShippedModelIsSmallAndItsThreeOutputsAgreeInShape() throws Exception {
        Path pico = ProjectFiles.root().resolve("models/pico");
        try (Stream<Path> files = Files.list(pico)) {
            assertThat(files.mapToLong(file -> file.toFile().length()).sum()).isLessThan(2_000_000);
        }
        try (BaseModel model = BaseModel.open(pico)) {
            int[] ids = model.tokenizer().encode("turn on the lights");
            long[][] tokens = {new long[ids.length + 1], new long[ids.length + 1]};
            long[][] mask = {new long[ids.length + 1], new long[ids.length + 1]};
            for (int i = 0; i < ids.length; i++) {
                tokens[0][i + 1] = ids[i];
                tokens[1][i + 1] = ids[i];
                mask[0][i] = 1;
            }
            mask[0][ids.length] = 1;
            mask[1][0] = 1;
            Map<String, Output> outputs = run(model.onnx(), tokens, mask);
            ModelConfig config = model.config();
            assertThat(output(outputs, "logits").shape()).containsExactly(2, ids.length + 1, config.vocabularySize());
            assertThat(output(outputs, "pooled").shape()).containsExactly(2, config.hiddenSize());
            assertThat(output(outputs, "label_logits").shape())
                    .containsExactly(2, config.labels().size());
            float[] labels = output(outputs, "label_logits").values();
            float[] first = Arrays.copyOf(labels, config.labels().size());
            float[] second = Arrays.copyOfRange(labels, first.length, labels.length);
            assertThat(config.labels().get(likeliest(first))).isEqualTo("lights_on");
            assertThat(second).as("what is masked does not count").isNotEqualTo(first);
        }
    }

    @Test
    void paddingOnTheRightChangesNothing() throws Exception {
        long[][] alone = {{0, 65, 66}};
        long[][] padded = {{0, 65, 66, 99, 99}};
        Path onnx = folder.resolve(BaseModel.ONNX);
        float[] a = output(run(onnx, alone, new long[][] {{1, 1, 1}}), "pooled").values();
        float[] b = output(run(onnx, padded, new long[][] {{1, 1, 1, 0, 0}}), "pooled")
                .values();
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i]).isCloseTo(b[i], offset(1e-5f));
        }
    }

    private static Map<String, Output> run(Path onnx, long[][] tokens, long[][] mask) throws OrtException {
        try (ModelRun model = new ModelRun(onnx)) {
            return model.run(tokens, mask);
        }
    }

    private static Output output(Map<String, Output> outputs, String name) {
        return Objects.requireNonNull(outputs.get(name));
    }

    private static int likeliest(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }

    private String sha256() throws Exception {
        try (BaseModel model = BaseModel.open(folder)) {
            return model.sha256();
        }
    }

    @SuppressWarnings("MustBeClosedChecker")
    private void refused(String why) {
        assertThatThrownBy(() -> BaseModel.open(folder)).as(why).isInstanceOf(ModelRefusedException.class);
    }

    private void write(int vocabulary, int width, List<String> labels) throws IOException {
        ModelFolder.write(folder, model(1), tokenizer(), description(vocabulary, width, labels));
    }

    private static ModelBuilder model(long seed) {
        return DecoderBuilder.build(SHAPE, WeightSource.of(SHAPE, DecoderWeights.initial(SHAPE, seed)));
    }

    private static ModelFolder.Description description(int vocabulary, int width, List<String> labels) {
        return new ModelFolder.Description(
                "tiny", vocabulary, width, 32, ModelFolder.Special.one(0), List.of("q_proj"), labels);
    }

    private static byte[] tokenizer() {
        return BpeTrainer.train(List.of("abab abab"), 259);
    }
}
