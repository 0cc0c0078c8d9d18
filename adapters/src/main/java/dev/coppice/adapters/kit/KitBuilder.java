package dev.coppice.adapters.kit;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Makes training kits from base models. */
public final class KitBuilder {
    private KitBuilder() {}

    /**
     * Makes a kit in a folder, whole or not at all; equal arguments give equal bytes. What the folder held before is
     * replaced, unless it is this very kit.
     *
     * @param onnx the base model's graph: float32, inputs {@code input_ids} and {@code attention_mask} of any batch and
     *     length, outputs {@code logits} [batch, length, vocabulary], {@code pooled} [batch, width] and
     *     {@code label_logits} [batch, labels] as far as the task needs them
     * @param modelSha256 what identifies the base model
     * @param modelLabels labels that the model's own head knows, in order; empty if it has none
     * @param folder where the kit goes
     * @throws KitRefusedException if the model's graph does not allow this kit
     */
    public static Kit build(Path onnx, String modelSha256, List<String> modelLabels, KitSpec spec, Path folder)
            throws IOException, KitRefusedException {
        Map<KitFile, byte[]> contents = new EnumMap<>(KitFile.class);
        Manifest manifest = contents(onnx, modelSha256, modelLabels, spec, contents);
        Path target = folder.toAbsolutePath();
        Files.createDirectories(target.getParent());
        Path temporary = Files.createTempDirectory(target.getParent(), ".kit-");
        try {
            for (Map.Entry<KitFile, byte[]> file : contents.entrySet()) {
                Files.write(temporary.resolve(file.getKey().fileName()), file.getValue());
            }
            Files.write(temporary.resolve(KitFile.MANIFEST), manifest.toJson());
            Kit.open(temporary);
            moveInto(temporary, target, Sha256.hex(manifest.toJson()));
        } finally {
            delete(temporary);
        }
        return Kit.open(target);
    }

    private static Manifest contents(
            Path onnx, String modelSha256, List<String> labels, KitSpec spec, Map<KitFile, byte[]> contents)
            throws IOException, KitRefusedException {
        AdapterWeights initial;
        TrainingGraph graph;
        try {
            graph = new TrainingGraph(ModelReader.read(onnx), labels, spec, ElementType.FLOAT);
            initial = graph.initial();
            contents.put(KitFile.PLAIN, graph.plain().toByteArray());
            contents.put(KitFile.EVAL, graph.eval().toByteArray());
            contents.put(KitFile.TRAINING, graph.training().toByteArray());
        } catch (GraphRefusedException e) {
            throw new KitRefusedException("no kit can be made from this model: " + e.getMessage(), e);
        }
        contents.put(
                KitFile.OPTIMIZER,
                OptimizerModel.of(initial.layout().tensors().size()).toByteArray());
        contents.put(KitFile.CHECKPOINT, Checkpoint.write(initial));
        contents.put(KitFile.INITIAL, KitCheck.initialBytes(initial));
        Map<KitFile, String> hashes = new EnumMap<>(KitFile.class);
        contents.forEach((file, bytes) -> hashes.put(file, Sha256.hex(bytes)));
        return new Manifest(modelSha256, spec, initial.layout(), graph.frozen(), hashes);
    }

    private static void moveInto(Path temporary, Path target, String sha256) throws IOException {
        if (isKit(target, sha256)) {
            return;
        }
        if (Files.exists(target)) {
            delete(target);
        }
        Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }

    private static boolean isKit(Path folder, String sha256) throws IOException {
        try {
            return Files.exists(folder) && Kit.open(folder).sha256().equals(sha256);
        } catch (KitRefusedException e) {
            return false;
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
