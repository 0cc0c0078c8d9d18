package dev.coppice.adapters.quantize;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.coppice.adapters.inference.AdapterStack;
import dev.coppice.adapters.inference.AdapterTargets;
import dev.coppice.adapters.inference.Generation;
import dev.coppice.adapters.inference.GenerationSettings;
import dev.coppice.adapters.inference.Generator;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitFile;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.kit.WeightsFile;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelFolder;
import dev.coppice.adapters.model.decoder.DecoderBuilder;
import dev.coppice.adapters.model.decoder.DecoderShape;
import dev.coppice.adapters.model.decoder.DecoderWeights;
import dev.coppice.adapters.model.decoder.Sizes;
import dev.coppice.adapters.model.decoder.WeightSource;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.Place;
import dev.coppice.adapters.onnx.Protos;
import dev.coppice.adapters.runtime.Batch;
import dev.coppice.adapters.runtime.EngineKind;
import dev.coppice.adapters.runtime.Engines;
import dev.coppice.adapters.runtime.TrainingEngine;
import dev.coppice.adapters.text.BpeTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of a model whose weights do not fit into its file, against that of the same model with all inside. */
class LargeModelTest {
    private static final DecoderShape SHAPE = DecoderShape.plain(new Sizes(260, 32, 2, 64, 32), 2, 0);
    private static final KitSpec SPEC = new KitSpec(
            Task.CAUSAL_LM, new LoraSpec(2, 4, List.of("q_proj", "v_proj"), Factors.BOTH, 7), List.of(), 1, 8);
    private static final String DATA = BaseModel.ONNX + ".data";

    @TempDir
    Path folder;

    @Test
    void aLargeModelTrainsAndGeneratesAsIfItWereSmall() throws Exception {
        try (BaseModel beside = BaseModel.open(writeBeside());
                BaseModel inside = BaseModel.open(writeInside())) {
            assertThat(train(beside)).isEqualTo(train(inside));
            assertThat(generate(beside)).isEqualTo(generate(inside));
            assertThat(Files.isSameFile(
                            kit(beside).folder().resolve("weights." + DATA),
                            beside.folder().resolve(DATA)))
                    .as("the kit has no copy of the weights")
                    .isTrue();
        }
    }

    @Test
    void soDoesItsQuantisedForm() throws Exception {
        QuantizeSpec spec = new QuantizeSpec(4, 16, false, false);
        Path smallBeside = folder.resolve("small-beside");
        Path smallInside = folder.resolve("small-inside");
        try (BaseModel beside = BaseModel.open(writeBeside());
                BaseModel inside = BaseModel.open(writeInside())) {
            new ModelQuantizer(spec, 0).quantize(beside, smallBeside);
            new ModelQuantizer(spec).quantize(inside, smallInside);
        }
        try (BaseModel beside = BaseModel.open(smallBeside);
                BaseModel inside = BaseModel.open(smallInside)) {
            assertThat(beside.config().files()).containsKey(DATA);
            assertThat(inside.config().files()).doesNotContainKey(DATA);
            assertThat(train(beside)).isEqualTo(train(inside));
            assertThat(generate(beside)).isEqualTo(generate(inside));
            long small = Files.size(beside.folder().resolve(DATA));
            assertThat(own(kit(beside)))
                    .as("what the kit adds to the model's own file")
                    .isLessThan(small / 4);
            ModelProto training = ModelProto.parseFrom(kit(inside).read(KitFile.TRAINING));
            assertThat(places(training, ElementType.UINT4))
                    .as("packed weights are of one type on the way forth and of another on the way back")
                    .isNotEmpty()
                    .isSubsetOf(places(training, ElementType.UINT8));
        }
    }

    /** A copy that is turned would be as large as the embedding, in every session. */
    @Test
    void noGraphTurnsTheEmbedding() throws Exception {
        try (BaseModel beside = BaseModel.open(writeBeside())) {
            Kit kit = kit(beside);
            for (KitFile file : List.of(KitFile.TRAINING, KitFile.EVAL, KitFile.PLAIN)) {
                ModelProto model = ModelProto.parseFrom(kit.read(file));
                Set<String> stored = model.getGraph().getInitializerList().stream()
                        .map(TensorProto::getName)
                        .collect(Collectors.toSet());
                assertThat(model.getGraph().getNodeList())
                        .filteredOn(node -> node.getOpType().equals("Transpose"))
                        .extracting(node -> node.getInput(0))
                        .doesNotContainAnyElementsOf(stored);
                assertThat(model.getGraph().getNodeList())
                        .filteredOn(node -> node.getInputList().contains(DecoderShape.EMBEDDING))
                        .extracting(NodeProto::getOpType)
                        .contains("Gather", "Gemm");
            }
        }
    }

    private static float[] train(BaseModel model) throws Exception {
        Kit kit = kit(model);
        long[] tokens = {1, 2, 3, 4, 5, 6, 7, 8};
        long[] next = {2, 3, 4, 5, 6, 7, 8, 9};
        Batch batch = Batch.causal(1, 8, 1, tokens, new int[] {8}, next);
        try (TrainingEngine engine = Engines.open(kit, EngineKind.ORT_TRAINING)) {
            float first = engine.step(batch, 1e-2f);
            float second = engine.step(batch, 1e-2f);
            assertThat(second).isLessThan(first);
            float[] trained = engine.weights().toArray();
            float[] answer = Arrays.copyOf(trained, trained.length + 1);
            answer[trained.length] = first;
            return answer;
        }
    }

    private static int[] generate(BaseModel model) throws Exception {
        try (Generator generator = Generator.open(model, AdapterTargets.none(), 1);
                AdapterStack none = AdapterStack.none();
                Generation text =
                        generator.generate(new int[] {1, 2, 3}, none, GenerationSettings.greedy(8), bytes -> {})) {
            text.rest();
            return text.tokens();
        }
    }

    private static Kit kit(BaseModel model) throws Exception {
        return model.kit(
                SPEC, model.folder().resolveSibling("kit-" + model.folder().getFileName()));
    }

    private static List<Place> places(ModelProto model, ElementType type) {
        return model.getGraph().getInitializerList().stream()
                .filter(weight -> weight.getDataType() == type.code() && weight.getExternalDataCount() > 0)
                .map(Protos::place)
                .toList();
    }

    private static long own(Kit kit) {
        return kit.weights().stream()
                .filter(file -> !file.isOfTheModel())
                .mapToLong(WeightsFile::bytes)
                .sum();
    }

    private Path writeBeside() throws IOException {
        Path model = Files.createDirectories(folder.resolve("beside"));
        var weights = DecoderWeights.initial(SHAPE, 1);
        WeightSource.Filler<IOException> filler = (tensor, values) -> values.put(weights.tensor(tensor));
        DecoderBuilder.build(SHAPE, WeightSource.beside(SHAPE, model.resolve(DATA), filler))
                .write(model.resolve(BaseModel.ONNX));
        return described(model, List.of(DATA));
    }

    private Path writeInside() throws IOException {
        Path model = Files.createDirectories(folder.resolve("inside"));
        DecoderBuilder.build(SHAPE, WeightSource.of(SHAPE, DecoderWeights.initial(SHAPE, 1)))
                .write(model.resolve(BaseModel.ONNX));
        return described(model, List.of());
    }

    private static Path described(Path model, List<String> weights) throws IOException {
        Files.write(model.resolve(BaseModel.TOKENIZER), BpeTrainer.train(List.of("abab abab"), 259));
        ModelFolder.Special special = ModelFolder.Special.one(0);
        ModelFolder.describe(
                model,
                new ModelFolder.Description("tiny", 260, 32, 32, special, List.of("q_proj", "v_proj"), List.of()),
                weights);
        return model;
    }
}
