package dev.coppice.benchmarks;

import dev.coppice.adapters.autodiff.Recomputation;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitBuilder;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.kit.Task;
import dev.coppice.adapters.lora.Factors;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.model.BaseModel;
import dev.coppice.adapters.model.ModelFolder;
import dev.coppice.adapters.model.decoder.DecoderBuilder;
import dev.coppice.adapters.model.decoder.DecoderShape;
import dev.coppice.adapters.model.decoder.DecoderWeights;
import dev.coppice.adapters.model.decoder.Heads;
import dev.coppice.adapters.model.decoder.Rotary;
import dev.coppice.adapters.model.decoder.Sizes;
import dev.coppice.adapters.model.decoder.Variant;
import dev.coppice.adapters.model.decoder.WeightSource;
import dev.coppice.adapters.runtime.Batch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** A decoder with random weights that is measured, rank 8 on its query and value projections. */
enum Subject {
    /** Dim 64, 2 layers. */
    SMALL(512, 64, 2, 192, 4, 4, 8, 64, 0.348),
    /** Dim 256, 6 layers. */
    LARGE(4_096, 256, 6, 768, 8, 8, 8, 64, 13.37),
    /** The shape of stories260K. */
    STORIES(512, 64, 5, 172, 8, 4, 8, 64, 0),
    /** The shape of SmolLM-135M. */
    LLAMA_135M(49_152, 576, 30, 1_536, 9, 3, 1, 256, 0),
    /** The shape of Llama-3.2-1B. */
    LLAMA_1B(128_256, 2_048, 16, 8_192, 32, 8, 1, 256, 0);

    private static final long SEED = 1;

    private final int vocabulary;
    private final int width;
    private final int layers;
    private final int feedForward;
    private final int heads;
    private final int keyHeads;
    private final int batch;
    private final int length;
    private final double gigaflopsAStep;

    Subject(
            int vocabulary,
            int width,
            int layers,
            int feedForward,
            int heads,
            int keyHeads,
            int batch,
            int length,
            double gigaflopsAStep) {
        this.vocabulary = vocabulary;
        this.width = width;
        this.layers = layers;
        this.feedForward = feedForward;
        this.heads = heads;
        this.keyHeads = keyHeads;
        this.batch = batch;
        this.length = length;
        this.gigaflopsAStep = gigaflopsAStep;
    }

    /** Floating-point operations of matrix products in one training step, in 10^9; 0 if nobody counted. */
    double gigaflopsAStep() {
        return gigaflopsAStep;
    }

    KitSpec spec() {
        LoraSpec lora = new LoraSpec(8, 16, List.of("q_proj", "v_proj"), Factors.BOTH, SEED);
        return new KitSpec(Task.CAUSAL_LM, lora, List.of(), batch, length);
    }

    /** Writes the base model's graph, weights inside. */
    Path write(Path folder) throws IOException {
        DecoderShape shape = shape();
        Path onnx = Files.createDirectories(folder).resolve(BaseModel.ONNX);
        DecoderBuilder.build(shape, WeightSource.of(shape, DecoderWeights.initial(shape, SEED)))
                .write(onnx);
        return onnx;
    }

    /** Writes a base model's folder, its weights beside the graph. */
    void write(Path folder, Path tokenizer) throws IOException {
        DecoderShape shape = shape();
        String weights = BaseModel.ONNX + ".data";
        Files.deleteIfExists(Files.createDirectories(folder).resolve(weights));
        SplittableRandom random = new SplittableRandom(SEED);
        WeightSource.Filler<IOException> filler =
                (tensor, values) -> DecoderWeights.fill(shape, tensor, random, values);
        DecoderBuilder.build(shape, WeightSource.beside(shape, folder.resolve(weights), filler))
                .write(folder.resolve(BaseModel.ONNX));
        Files.copy(tokenizer, folder.resolve(BaseModel.TOKENIZER), StandardCopyOption.REPLACE_EXISTING);
        ModelFolder.describe(
                folder,
                new ModelFolder.Description(
                        name(),
                        vocabulary,
                        width,
                        length,
                        ModelFolder.Special.one(0),
                        List.of("q_proj", "v_proj"),
                        List.of()),
                List.of(weights));
    }

    private DecoderShape shape() {
        Sizes sizes = new Sizes(vocabulary, width, layers, feedForward, length);
        return new DecoderShape(sizes, new Heads(heads, keyHeads, width / heads), Rotary.usual(), Variant.usual(), 0);
    }

    static Kit kit(Path onnx, KitSpec spec, Recomputation recomputation, Path folder)
            throws IOException, KitRefusedException {
        return KitBuilder.build(onnx, "0".repeat(64), List.of(), spec, recomputation, folder);
    }

    /** A full batch of random tokens that a model of the kit's vocabulary knows. */
    static Batch batch(KitSpec spec) {
        return batch(spec, spec.length());
    }

    /**
     * The same with so many tokens in each row, and padding behind; if the kit has room for fewer labels than positions,
     * with as many labels as it has room for.
     */
    static Batch batch(KitSpec spec, int realTokens) {
        SplittableRandom random = new SplittableRandom(SEED);
        int count = spec.batch() * spec.length();
        long[] tokens = random.longs(count, 0, 512).toArray();
        long[] next = random.longs(count, 0, 512).toArray();
        int[] lengths = new int[spec.batch()];
        Arrays.fill(lengths, realTokens);
        int labels = spec.predictedMax() == 0 ? count : spec.predictedMax();
        for (int i = 0; i < count; i++) {
            next[i] = (long) i * labels / count == (i + 1L) * labels / count ? Batch.IGNORED : next[i];
        }
        return Batch.causal(spec.batch(), spec.length(), spec.batch(), tokens, lengths, next);
    }
}
