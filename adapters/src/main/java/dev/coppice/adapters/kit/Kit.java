package dev.coppice.adapters.kit;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.lora.InitialFactor;
import dev.coppice.crypto.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A verified training kit: a folder of graphs and their manifest. Immutable and thread-safe. */
public final class Kit {
    private static final int MANIFEST_BYTES_MAX = 1 << 24;

    private final Path folder;
    private final Manifest manifest;
    private final String sha256;
    private final AdapterWeights initial;

    private Kit(Path folder, Manifest manifest, String sha256, AdapterWeights initial) {
        this.folder = folder;
        this.manifest = manifest;
        this.sha256 = sha256;
        this.initial = initial;
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
        return new Kit(folder, manifest, Sha256.hex(json), initial);
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

    public Path folder() {
        return folder;
    }

    /**
     * The bytes of a file, verified once more as they are read: what native code gets is what was checked.
     *
     * @throws KitRefusedException if the file has changed since the kit was opened
     */
    public byte[] read(KitFile file) throws IOException, KitRefusedException {
        return verified(folder, manifest, file);
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
