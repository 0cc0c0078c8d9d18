package dev.coppice.adapters.kit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Makes training kits from base models. */
public final class KitBuilder {
    private KitBuilder() {}

    /**
     * Makes a kit in a folder, whole or not at all; equal arguments give equal bytes. A folder that already holds
     * exactly this kit is left as it is.
     *
     * @param onnx the base model's graph; float32, free batch and length axes
     * @param modelSha256 what identifies the base model, 64 hex digits
     * @param modelLabels labels that the model's own head knows, in order; empty if it has none
     * @param folder where the kit goes
     * @throws KitRefusedException if the model's graph does not allow this kit
     */
    public static Kit build(Path onnx, String modelSha256, List<String> modelLabels, KitSpec spec, Path folder)
            throws IOException, KitRefusedException {
        throw new UnsupportedOperationException("not yet");
    }
}
