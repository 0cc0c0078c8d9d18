package dev.coppice.adapters.kit;

import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.onnx.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What a native training session is opened with: the files of ONNX Runtime's training API, verified. Immutable. */
public sealed interface TrainingFiles permits Kit, OrtArtifacts {
    /** Names and types of what is fed at every step, in the order in which the training graph declares them. */
    Map<String, TensorType> fed();

    /** Names and shapes of what is trained, in the order in which the training graph declares them. */
    List<TensorSpec> trained();

    /**
     * The bytes of a file, verified: what native code gets is what was checked.
     *
     * @throws KitRefusedException if the file has changed since it was checked
     */
    byte[] read(KitFile file) throws IOException, KitRefusedException;

    /** Where the files of weights lie that the graphs refer to. */
    Path folder();

    /**
     * Checks that the files of weights are still those that were verified. The engine maps them, so that it asks before
     * and after.
     *
     * @throws KitRefusedException if one was replaced or written to
     */
    void requireWeightsUnchanged() throws IOException, KitRefusedException;
}
