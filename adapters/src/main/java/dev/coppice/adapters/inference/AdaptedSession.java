package dev.coppice.adapters.inference;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.lora.ModulePaths;
import dev.coppice.adapters.model.ModelFiles;
import dev.coppice.adapters.model.ModelRefusedException;
import dev.coppice.adapters.onnx.CacheBranch;
import dev.coppice.adapters.onnx.GraphRefusedException;
import dev.coppice.adapters.onnx.ModelEditor;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.InferenceSession;
import dev.coppice.adapters.runtime.NativeTensor;
import dev.coppice.adapters.runtime.SessionSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A model in native memory, opened for one purpose, with places for adapters. Thread-safe; {@link #close} waits for
 * runs that are under way.
 *
 * @param ports what the model is fed
 * @param places where adapters go
 * @param outputs what the model gives
 */
record AdaptedSession(Ports ports, AdapterPlaces places, List<String> outputs, InferenceSession session)
        implements AutoCloseable {
    AdaptedSession {
        outputs = List.copyOf(outputs);
    }

    /**
     * Opens a model's graph. Native code sees verified bytes, and maps weights that lie where the graph may look for them.
     *
     * @throws ModelRefusedException if the graph does not allow the purpose, has no product for some target, or a file
     *     has changed
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed with what is returned
    static AdaptedSession open(ModelFiles files, Purpose purpose, AdapterTargets targets, SessionSettings settings)
            throws IOException, EngineException, ModelRefusedException {
        try {
            ModelProto model = CacheBranch.without(
                    ModelReader.open(files.graph(), files.onnx()).proto());
            Ports ports = Ports.of(model.getGraph());
            ModelEditor editor = new ModelEditor(model);
            purpose.shape(editor, Set.copyOf(outputs(model)));
            AdapterPlaces places = AdapterPlaces.in(editor, ModulePaths.of(model), purpose, targets);
            ModelProto adapted = TurnedMatrices.asStored(editor.build());
            return new AdaptedSession(ports, places, outputs(adapted), session(adapted.toByteArray(), files, settings));
        } catch (GraphRefusedException e) {
            throw refused(files.onnx(), e);
        }
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed here if its weights have changed meanwhile
    private static InferenceSession session(byte[] model, ModelFiles files, SessionSettings settings)
            throws IOException, EngineException, ModelRefusedException {
        files.requireUnchanged();
        InferenceSession session = InferenceSession.open(model, files.onnx(), settings);
        try {
            files.requireUnchanged();
            return session;
        } catch (IOException | ModelRefusedException e) {
            session.close();
            throw e;
        }
    }

    /**
     * Reads texts from their beginning.
     *
     * @param rows token ids of each text
     * @param fed to the inputs that do not hold texts: adapters, and what the purpose asks for
     * @return the outputs in their order; the caller closes them
     */
    List<NativeTensor> read(List<int[]> rows, int padId, Map<String, NativeTensor> fed) throws EngineException {
        try (TextInputs texts = TextInputs.of(ports, rows, padId, 0);
                Cache empty = Cache.empty(ports, rows.size())) {
            Map<String, NativeTensor> all = new HashMap<>(fed);
            all.putAll(texts.byInput());
            all.putAll(empty.byInput());
            return session.run(all, outputs);
        }
    }

    @Override
    public void close() {
        session.close();
    }

    private static ModelRefusedException refused(Path onnx, GraphRefusedException e) {
        return new ModelRefusedException(onnx.getFileName() + " cannot be used for this: " + e.getMessage(), e);
    }

    private static List<String> outputs(ModelProto model) {
        return model.getGraph().getOutputList().stream()
                .map(ValueInfoProto::getName)
                .toList();
    }
}
