package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.Folders;
import dev.coppice.adapters.autodiff.Recomputation;
import dev.coppice.adapters.fusion.Kernels;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.Placement;
import dev.coppice.adapters.onnx.StoredModel;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** Makes training kits from base models. */
public final class KitBuilder {
    private KitBuilder() {}

    /**
     * Makes a kit in a folder, whole or not at all; equal arguments give equal bytes. What the folder held before is
     * replaced, unless it is this very kit. Weights that the model has in files of their own are not written again
     * where the file system can link to them.
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
        return build(onnx, modelSha256, modelLabels, spec, Recomputation.AUTOMATIC, folder);
    }

    /** As above. A kit made with another {@code recomputation} than {@code AUTOMATIC} is another kit: for measurements. */
    public static Kit build(
            Path onnx,
            String modelSha256,
            List<String> modelLabels,
            KitSpec spec,
            Recomputation recomputation,
            Path folder)
            throws IOException, KitRefusedException {
        Path target = folder.toAbsolutePath();
        Files.createDirectories(target.getParent());
        Path temporary = Files.createTempDirectory(target.getParent(), ".kit-");
        try {
            write(onnx, modelSha256, modelLabels, spec, recomputation, temporary);
            return moved(Kit.open(temporary), target);
        } catch (UncheckedIOException e) {
            throw Objects.requireNonNull(e.getCause());
        } finally {
            Folders.delete(temporary);
        }
    }

    private static void write(
            Path onnx, String modelSha256, List<String> labels, KitSpec spec, Recomputation recomputation, Path folder)
            throws IOException, KitRefusedException {
        Map<KitFile, byte[]> contents = new EnumMap<>(KitFile.class);
        Path base = Objects.requireNonNull(onnx.toAbsolutePath().getParent());
        try (WeightsWriter weights = new WeightsWriter(base, folder)) {
            NavigableMap<Integer, TrainingGraph> graphs = graphs(ModelReader.open(onnx), labels, spec, recomputation);
            TrainingGraph graph = graphs.lastEntry().getValue();
            AdapterWeights initial = graph.initial();
            ModelProto plain = byLength(graphs, Kernels.STOCK, weights);
            ModelProto training = Accumulation.of(byLength(graphs, Kernels.TRAINING, weights));
            contents.put(KitFile.PLAIN, ShortNames.in(plain).toByteArray());
            contents.put(KitFile.EVAL, ShortNames.in(graph.eval(weights)).toByteArray());
            contents.put(KitFile.TRAINING, ShortNames.in(training).toByteArray());
            contents.put(
                    KitFile.OPTIMIZER,
                    OptimizerModel.of(initial.layout().tensors().size()).toByteArray());
            contents.put(KitFile.CHECKPOINT, Checkpoint.write(initial));
            contents.put(KitFile.INITIAL, KitCheck.initialBytes(initial));
            Map<KitFile, String> hashes = new EnumMap<>(KitFile.class);
            for (Map.Entry<KitFile, byte[]> file : contents.entrySet()) {
                hashes.put(file.getKey(), Sha256.hex(file.getValue()));
                Files.write(folder.resolve(file.getKey().fileName()), file.getValue());
            }
            Manifest manifest = new Manifest(
                    modelSha256, spec, initial.layout(), graph.frozen(), graph.masks(), hashes, weights.finish());
            Files.write(folder.resolve(KitFile.MANIFEST), manifest.toJson());
        } catch (GraphRefusedException e) {
            throw new KitRefusedException("no kit can be made from this model: " + e.getMessage(), e);
        }
    }

    private static NavigableMap<Integer, TrainingGraph> graphs(
            StoredModel model, List<String> labels, KitSpec spec, Recomputation recomputation) {
        NavigableMap<Integer, TrainingGraph> graphs = new TreeMap<>();
        for (int length : ByLength.lengths(spec.length())) {
            String prefix = length == spec.length() ? "" : ByLength.prefix(length);
            KitSpec shorter = spec.withLength(length);
            graphs.put(length, new TrainingGraph(model, labels, shorter, ElementType.FLOAT, recomputation, prefix));
        }
        return graphs;
    }

    private static ModelProto byLength(
            NavigableMap<Integer, TrainingGraph> graphs, Kernels kernels, Placement placement) {
        NavigableMap<Integer, ModelProto> models = new TreeMap<>();
        graphs.forEach((length, graph) -> models.put(length, graph.gradients(kernels, placement)));
        return ByLength.of(models);
    }

    /** The kit in its place: the one that is there already if it is the same. */
    private static Kit moved(Kit kit, Path target) throws IOException {
        Optional<Kit> there = find(target).filter(other -> other.sha256().equals(kit.sha256()));
        if (there.isPresent()) {
            return there.get();
        }
        Folders.delete(target);
        Files.move(kit.folder(), target, StandardCopyOption.ATOMIC_MOVE);
        return kit.in(target);
    }

    private static Optional<Kit> find(Path folder) throws IOException {
        try {
            return Files.exists(folder) ? Optional.of(Kit.open(folder)) : Optional.empty();
        } catch (KitRefusedException e) {
            return Optional.empty();
        }
    }
}
