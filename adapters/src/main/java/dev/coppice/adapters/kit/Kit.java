package dev.coppice.adapters.kit;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import java.io.IOException;
import java.nio.file.Path;

/** A verified training kit. Immutable and thread-safe. */
public final class Kit {
    private Kit() {}

    /**
     * Opens a kit: verifies the SHA-256 of every file and the name and shape of every tensor.
     *
     * @throws KitRefusedException if anything differs from the manifest
     */
    public static Kit open(Path folder) throws IOException, KitRefusedException {
        throw new UnsupportedOperationException("not yet");
    }

    /** SHA-256 of the manifest, which holds the SHA-256 of everything else: 64 hex digits. */
    public String sha256() {
        throw new UnsupportedOperationException("not yet");
    }

    public KitSpec spec() {
        throw new UnsupportedOperationException("not yet");
    }

    /** SHA-256 that identifies the base model. */
    public String modelSha256() {
        throw new UnsupportedOperationException("not yet");
    }

    /** The trainable parameters. */
    public ParameterLayout layout() {
        throw new UnsupportedOperationException("not yet");
    }

    /** What training starts from. */
    public AdapterWeights initial() {
        throw new UnsupportedOperationException("not yet");
    }

    /** The frozen A factors ({@code <module path>.lora_A.weight}, [rank, in]) under {@code Factors.B}; else empty. */
    public AdapterWeights frozen() {
        throw new UnsupportedOperationException("not yet");
    }

    public Path folder() {
        throw new UnsupportedOperationException("not yet");
    }
}
