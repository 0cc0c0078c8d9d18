package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.coppice.adapters.lora.LoraSpec;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.runtime.Batch;
import dev.coppice.testkit.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A model that PyTorch exported, with two texts, and the gradients that PyTorch found on them. */
final class Export {
    /** Labels of the two texts in the reference of classifiers. */
    private static final long[] CLASSES = {5, 17};

    private final Path file;
    private final Npz torch;
    private final long[] shape;
    private final long[] tokens;
    private final long[] mask;
    private final long[] logits;

    private Export(Path file) throws IOException {
        this.file = file;
        Npz reference = new Npz(file.resolveSibling("reference.npz"));
        this.torch = new Npz(file.resolveSibling("gradients.npz"));
        this.shape = reference.read("input_ids_1").shape;
        this.tokens = reference.read("input_ids_1").longs();
        this.mask = reference.read("attention_mask_1").longs();
        this.logits = reference.read("logits_1").shape;
    }

    /** Both exports of every model in the test data. */
    static List<Export> all() throws IOException {
        List<Export> exports = new ArrayList<>();
        try (Stream<Path> files = Files.walk(TestData.find("models/onnx-torch-exports"), 2)) {
            for (Path file : files.sorted().toList()) {
                if (file.toString().endsWith(".onnx")) {
                    exports.add(new Export(file));
                }
            }
        }
        return exports;
    }

    static Export of(String name) throws IOException {
        return new Export(TestData.find("models/onnx-torch-exports/" + name));
    }

    Path file() {
        return file;
    }

    ModelProto model() throws IOException {
        return ModelReader.read(file);
    }

    /** What the two texts are for. */
    Task task() {
        if (logits.length == 2) {
            return Task.TEXT_CLASSIFICATION;
        }
        return file.toString().contains("mlm") ? Task.MASKED_LM : Task.CAUSAL_LM;
    }

    /** Names of the classes that the model's own head knows; empty for a language model. */
    List<String> labels() {
        int count = logits.length == 2 ? (int) logits[1] : 0;
        return IntStream.range(0, count).mapToObj(i -> "class " + i).toList();
    }

    KitSpec spec(LoraSpec lora) {
        return new KitSpec(task(), lora, labels(), (int) shape[0], (int) shape[1]);
    }

    /** The two texts, labelled as PyTorch's loss had them. */
    Batch batch() {
        int rows = (int) shape[0];
        int length = (int) shape[1];
        int[] lengths = new int[rows];
        for (int i = 0; i < mask.length; i++) {
            lengths[i / length] += (int) mask[i];
        }
        return switch (task()) {
            case TEXT_CLASSIFICATION -> Batch.classification(rows, length, rows, tokens, lengths, CLASSES);
            case MASKED_LM -> Batch.masked(rows, length, rows, tokens, lengths, targets(0));
            default -> Batch.causal(rows, length, rows, tokens, lengths, targets(1));
        };
    }

    /** What the batch feeds to the graphs of a kit. */
    void feed(PlainRun run) {
        run.feed(KitInputs.TOKENS, tokens, shape);
        run.feed(KitInputs.MASK, mask, shape);
        if (task() == Task.TEXT_CLASSIFICATION) {
            run.feed(KitInputs.ROW_LABELS, CLASSES, CLASSES.length);
            run.feed(KitInputs.ROW_COUNT, new long[] {CLASSES.length});
        } else {
            long[] targets = targets(task() == Task.MASKED_LM ? 0 : 1);
            run.feed(KitInputs.NEXT_TOKENS, targets, shape);
            run.feed(
                    KitInputs.TOKEN_COUNT,
                    new long[] {Arrays.stream(targets).filter(id -> id >= 0).count()});
        }
    }

    float torchLoss() throws IOException {
        return torch.read("loss").floats()[0];
    }

    boolean hasTorchGradient(String weight) throws IOException {
        return torch.names().contains("grad/" + weight);
    }

    float[] torchGradient(String weight) throws IOException {
        return torch.read("grad/" + weight).floats();
    }

    /** Gradient of a linear module's weight, [out, in]. GPT-2's modules have theirs the other way round. */
    float[][] torchGradientOf(String module) throws IOException {
        Npz.Entry entry = torch.read("grad/" + module + ".weight");
        float[] values = entry.floats();
        boolean swapped = module.startsWith("transformer.h.");
        int out = (int) entry.shape[swapped ? 1 : 0];
        int in = (int) entry.shape[swapped ? 0 : 1];
        float[][] gradient = new float[out][in];
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                gradient[o][i] = values[swapped ? i * out + o : o * in + i];
            }
        }
        return gradient;
    }

    /** At each real token the id so many places on, or -100 where that is none. */
    private long[] targets(int ahead) {
        int length = (int) shape[1];
        long[] targets = new long[tokens.length];
        for (int i = 0; i < targets.length; i++) {
            boolean inside = i % length + ahead < length && mask[i + ahead] != 0;
            targets[i] = inside ? tokens[i + ahead] : Batch.IGNORED;
        }
        return targets;
    }

    @Override
    public String toString() {
        return file.subpath(file.getNameCount() - 2, file.getNameCount()).toString();
    }
}
