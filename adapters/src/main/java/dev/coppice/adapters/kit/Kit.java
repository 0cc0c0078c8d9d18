package dev.coppice.adapters.kit;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.lora.InitialFactor;
import dev.coppice.adapters.onnx.TensorType;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A verified training kit: a folder of graphs, the weights they share, and a manifest of all hashes. Immutable and
 * thread-safe. Its folder must be one that only the app can write to: weights are mapped from it while a session runs.
 */
public final class Kit implements TrainingFiles {
    private static final int MANIFEST_BYTES_MAX = 1 << 24;

    private final Path folder;
    private final Manifest manifest;
    private final String sha256;
    private final AdapterWeights initial;
    private final VerifiedWeights weights;

    private Kit(Path folder, Manifest manifest, String sha256, AdapterWeights initial, VerifiedWeights weights) {
        this.folder = folder;
        this.manifest = manifest;
        this.sha256 = sha256;
        this.initial = initial;
        this.weights = weights;
    }

    /**
     * Opens a kit: verifies the SHA-256 of every file, and name, type and shape of every tensor that training feeds or
     * loads. Nothing native is involved.
     *
     * @throws KitRefusedException if anything differs from the manifest
     */
    public static Kit open(Path folder) throws IOException, KitRefusedException {
        byte[] json = bytes(folder.resolve(KitFile.MANIFEST), MANIFEST_BYTES_MAX);
        Manifest manifest = Manifest.fromJson(json);
        AdapterWeights initial = KitCheck.checked(manifest, file -> verified(folder, manifest, file));
        VerifiedWeights weights = VerifiedWeights.verify(folder, manifest.weights());
        return new Kit(folder, manifest, Sha256.hex(json), initial, weights);
    }

    /** This kit, after its folder was moved there. */
    Kit in(Path moved) {
        return new Kit(moved, manifest, sha256, initial, weights.in(moved));
    }

    /** SHA-256 of the manifest, which holds the SHA-256 of everything else: 64 hex digits. */
    public String sha256() {
        return sha256;
    }

    public KitSpec spec() {
        return manifest.spec();
    }

    /** What identifies the base model. */
    public String modelSha256() {
        return manifest.modelSha256();
    }

    /** The trainable parameters. */
    public ParameterLayout layout() {
        return manifest.layout();
    }

    /** What training starts from. */
    public AdapterWeights initial() {
        return initial;
    }

    /** The frozen A factors ({@code <module path>.lora_A.weight}, [rank, in]) under {@code Factors.B}; else empty. */
    public AdapterWeights frozen() {
        ParameterLayout layout = ParameterLayout.of(manifest.frozen());
        float[] values = new float[layout.count()];
        for (TensorSpec tensor : layout.tensors()) {
            float[] drawn = InitialFactor.values(spec().lora().seed(), tensor);
            System.arraycopy(drawn, 0, values, layout.offset(tensor.name()), drawn.length);
        }
        return AdapterWeights.of(layout, values);
    }

    @Override
    public Map<String, TensorType> fed() {
        return KitInputs.of(spec(), manifest.masks(), layout());
    }

    @Override
    public List<TensorSpec> trained() {
        return layout().tensors();
    }

    @Override
    public Path folder() {
        return folder;
    }

    @Override
    public byte[] read(KitFile file) throws IOException, KitRefusedException {
        return verified(folder, manifest, file);
    }

    /** The files of frozen weights that the graphs refer to; they lie in {@link #folder}. */
    public List<WeightsFile> weights() {
        return manifest.weights();
    }

    @Override
    public void requireWeightsUnchanged() throws IOException, KitRefusedException {
        weights.requireUnchanged();
    }

    private static byte[] verified(Path folder, Manifest manifest, KitFile file)
            throws IOException, KitRefusedException {
        byte[] bytes = bytes(folder.resolve(file.fileName()), Integer.MAX_VALUE - Long.BYTES);
        if (!Sha256.hex(bytes).equals(manifest.files().get(file))) {
            throw new KitRefusedException(file.fileName() + " is not the file that the manifest names");
        }
        return bytes;
    }

    private static byte[] bytes(Path file, int bytesMax) throws IOException, KitRefusedException {
        if (!Files.isRegularFile(file) || Files.size(file) > bytesMax) {
            throw new KitRefusedException(file.getFileName() + " is missing or too large");
        }
        try (InputStream in = Files.newInputStream(file)) {
            return in.readNBytes(bytesMax);
        }
    }
}
