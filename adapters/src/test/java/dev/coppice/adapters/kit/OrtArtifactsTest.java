package dev.coppice.adapters.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.TinyDecoder;
import dev.coppice.adapters.autodiff.Recomputation;
import dev.coppice.adapters.autodiff.Trainables;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Graph;
import dev.coppice.adapters.onnx.Ops;
import dev.coppice.adapters.onnx.Placement;
import dev.coppice.adapters.onnx.ProductHook;
import dev.coppice.adapters.onnx.Specializer;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.adapters.onnx.Tensor;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.adapters.onnx.Value;
import dev.coppice.adapters.runtime.ArtifactEngine;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.testkit.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Artifacts by ONNX Runtime's own generator, for a network of images: 784 pixels, 500 hidden, 10 digits. */
class OrtArtifactsTest {
    private static final int BATCH = 32;
    private static final int PIXELS = 784;
    private static final int STEPS = 20;
    private static final float RATE = 1e-3f;
    /** What their optimizer has. */
    private static final float EPSILON = 1e-6f;

    private static final Map<String, Long> AXES = Map.of("batch_size", (long) BATCH);

    @TempDir
    Path folder;

    private Path theirs;

    @BeforeEach
    void copy() throws Exception {
        Path original = TestData.find("models/ort-training-mnist");
        theirs = Files.createDirectory(folder.resolve("theirs"));
        for (String file : List.of("training_model.onnx", "eval_model.onnx", "optimizer_model.onnx", "checkpoint")) {
            Files.copy(original.resolve(file), theirs.resolve(file));
        }
    }

    @Test
    void theyTrainAsTheyAre() throws Exception {
        try (ArtifactEngine engine = ArtifactEngine.open(OrtArtifacts.open(theirs, AXES))) {
            AdapterWeights start = engine.weights();
            float before = engine.loss(batch(0));
            assertThat(engine.step(batch(0), RATE)).isCloseTo(before, within(1e-6f));
            for (int i = 0; i < STEPS; i++) {
                engine.step(batch(0), RATE);
            }
            assertThat(engine.loss(batch(0))).isLessThan(before / 4);
            assertThat(engine.weights()).isNotEqualTo(start);
        }
    }

    @Test
    void whatTheCheckpointHoldsIsWhatTrainingStartsFrom() throws Exception {
        OrtArtifacts artifacts = OrtArtifacts.open(theirs, AXES);
        assertThat(artifacts.trained())
                .containsExactly(
                        new TensorSpec("fc1.weight", List.of(500, PIXELS)),
                        new TensorSpec("fc1.bias", List.of(500)),
                        new TensorSpec("fc2.weight", List.of(10, 500)),
                        new TensorSpec("fc2.bias", List.of(10)));
        try (ArtifactEngine engine = ArtifactEngine.open(artifacts)) {
            assertThat(engine.weights()).isEqualTo(artifacts.initial());
        }
    }

    @Test
    void ourGeneratorMakesArtifactsForTheSameNetworkThatLearnTheSame() throws Exception {
        OrtArtifacts original = OrtArtifacts.open(theirs, AXES);
        OrtArtifacts own = OrtArtifacts.open(generated(original), Map.of());
        assertThat(own.fed()).isEqualTo(original.fed());
        List<Float> expected = losses(original, false);
        List<Float> found = losses(own, true);
        for (int i = 0; i < STEPS; i++) {
            assertThat(found.get(i)).as("step %d", i).isCloseTo(expected.get(i), within(1e-5f));
        }
        assertThat(expected.get(STEPS - 1)).isLessThan(expected.get(0));
    }

    @Test
    void aDamagedCheckpointIsRefusedOrReadAndNeverHandedOn() throws Exception {
        byte[] whole = Files.readAllBytes(theirs.resolve("checkpoint"));
        for (int i = 0; i < 200; i++) {
            byte[] damaged = whole.clone();
            int at = i < 150 ? i * 3 : whole.length - 1 - (i - 150) * 7; // tables lie at both ends
            damaged[at] ^= (byte) (1 << i % 8);
            Files.write(theirs.resolve("checkpoint"), damaged);
            try {
                OrtArtifacts artifacts = OrtArtifacts.open(theirs, AXES);
                assertThat(artifacts.read(KitFile.CHECKPOINT)).isEqualTo(Checkpoint.write(artifacts.initial()));
            } catch (KitRefusedException refused) {
                assertThat(refused).hasMessageNotContaining("null");
            }
        }
        for (int length : new int[] {0, 3, 8, 100, whole.length / 2}) {
            Files.write(theirs.resolve("checkpoint"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> OrtArtifacts.open(theirs, AXES)).isInstanceOf(KitRefusedException.class);
        }
    }

    /** In native code such a checkpoint ends the process at the first copy of parameters. */
    @Test
    void aParameterOfAnotherShapeThanTheGraphsIsRefused() throws Exception {
        List<TensorSpec> larger =
                new ArrayList<>(OrtArtifacts.open(theirs, AXES).trained());
        larger.set(1, new TensorSpec("fc1.bias", List.of(50_000)));
        ParameterLayout layout = ParameterLayout.of(larger);
        AdapterWeights weights = AdapterWeights.of(layout, new float[layout.count()]);
        Files.write(theirs.resolve("checkpoint"), Checkpoint.write(weights));
        assertThatThrownBy(() -> OrtArtifacts.open(theirs, AXES))
                .isInstanceOf(KitRefusedException.class)
                .hasMessageContaining("checkpoint");
    }

    @Test
    void anAxisWithoutASizeIsNamed() {
        assertThatThrownBy(() -> OrtArtifacts.open(theirs, Map.of()))
                .isInstanceOf(KitRefusedException.class)
                .hasMessageContaining("batch_size");
    }

    private static List<Float> losses(OrtArtifacts artifacts, boolean correctsBias) throws EngineException {
        List<Float> losses = new ArrayList<>();
        try (ArtifactEngine engine = ArtifactEngine.open(artifacts)) {
            for (int i = 0; i < STEPS; i++) {
                double correction = Math.sqrt(1 - Math.pow(0.999, i + 1)) / (1 - Math.pow(0.9, i + 1));
                losses.add(engine.step(batch(i % 3), correctsBias ? (float) (RATE * correction) : RATE));
            }
        }
        return losses;
    }

    /** Their network without its loss, with our loss, our gradients and our optimizer. */
    private Path generated(OrtArtifacts original) throws IOException {
        ModelProto.Builder forward =
                ModelProto.parseFrom(Files.readAllBytes(theirs.resolve("eval_model.onnx"))).toBuilder();
        forward.getGraphBuilder().removeNode(forward.getGraph().getNodeCount() - 1);
        Graph graph = new Graph(17);
        Trainables trainables = new Trainables(graph, ElementType.FLOAT);
        Map<String, Value> bound = new HashMap<>();
        for (TensorSpec tensor : original.trained()) {
            long[] shape = tensor.shape().stream().mapToLong(size -> size).toArray();
            bound.put(
                    tensor.name(),
                    trainables.add(tensor.name(), original.initial().tensor(tensor), shape));
        }
        Value input = graph.input("input", TensorType.of(ElementType.FLOAT, BATCH, PIXELS));
        Value labels = graph.input("labels", TensorType.of(ElementType.INT64, BATCH));
        bound.put("input", input);
        bound.put("labels", labels);
        Value logits = Objects.requireNonNull(
                new Specializer(StoredModel.of(forward.build()), graph, ElementType.FLOAT, ProductHook.NONE)
                        .run(bound)
                        .get("output"));
        Value loss = new CrossEntropy(new Ops(graph), logits, labels).mean();
        TrainingModels models =
                new TrainingModels(graph, List.of(input, labels), trainables, loss, loss, Recomputation.NEVER);
        Path ours = Files.createDirectory(folder.resolve("ours"));
        write(ours, KitFile.TRAINING, models.training(Placement.INSIDE).toByteArray());
        write(ours, KitFile.EVAL, models.eval(loss, List.of(), Placement.INSIDE).toByteArray());
        write(
                ours,
                KitFile.OPTIMIZER,
                OptimizerModel.of(original.trained().size(), EPSILON).toByteArray());
        write(ours, KitFile.CHECKPOINT, Checkpoint.write(trainables.initial()));
        return ours;
    }

    private static void write(Path to, KitFile file, byte[] bytes) throws IOException {
        Files.write(to.resolve(file.fileName()), bytes);
    }

    private static Map<String, Tensor> batch(int seed) {
        long[] digits = new long[BATCH];
        Arrays.setAll(digits, i -> (7L * i + seed) % 10);
        return Map.of(
                "input", Tensor.ofFloats(TinyDecoder.uniform(seed, 1, BATCH * PIXELS), BATCH, PIXELS),
                "labels", Tensor.ofLongs(digits, BATCH));
    }
}
