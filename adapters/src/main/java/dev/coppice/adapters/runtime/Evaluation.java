package dev.coppice.adapters.runtime;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.kit.KitFile;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.TrainingFiles;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelReader;
import dev.coppice.adapters.onnx.TensorType;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * An eval model in a session of its own, so that only who judges pays for one. It reads the memory that its training
 * session is fed from, which has to outlive it. Not thread-safe.
 */
final class Evaluation implements ScoreReader.Columns, AutoCloseable {
    private final InferenceSession session;
    private final Map<String, NativeTensor> inputs = new LinkedHashMap<>();
    private final List<String> outputs;
    private List<NativeTensor> results = List.of();

    private Evaluation(InferenceSession session, List<String> outputs) {
        this.session = session;
        this.outputs = outputs;
    }

    /**
     * Opens the eval model of verified files.
     *
     * @param fed the memory of each input
     * @param parameters all parameters in the order of the training graph, when this runs
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed on every way out that does not return it
    static Evaluation open(TrainingFiles files, Map<String, BytePointer> fed, FloatPointer parameters)
            throws EngineException {
        try {
            byte[] model = files.read(KitFile.EVAL);
            GraphProto graph = ModelReader.parse(model).getGraph();
            files.requireWeightsUnchanged();
            InferenceSession session = InferenceSession.open(
                    model, files.folder().resolve(KitFile.EVAL.fileName()), SessionSettings.threads(1));
            List<String> outputs =
                    graph.getOutputList().stream().map(ValueInfoProto::getName).toList();
            Evaluation evaluation = new Evaluation(session, outputs);
            try {
                files.requireWeightsUnchanged();
                evaluation.connect(graph, files, fed, parameters);
                return evaluation;
            } catch (EngineException | IOException | KitRefusedException e) {
                evaluation.close();
                throw e;
            }
        } catch (IOException | KitRefusedException e) {
            throw new EngineException("the kit has changed since it was opened", e);
        }
    }

    /** Runs the model on what is fed. What it gives is valid until the next run. */
    void run() throws EngineException {
        forget();
        results = session.run(inputs, outputs);
    }

    @Override
    public float[] floats(int output, int count) throws EngineException {
        return results.get(output).toFloats();
    }

    @Override
    public long[] longs(int output, int count) throws EngineException {
        return results.get(output).toLongs();
    }

    @Override
    public void close() {
        forget();
        inputs.values().forEach(NativeTensor::close);
        session.close();
    }

    @SuppressWarnings("MustBeClosedChecker") // closed with the session
    private void connect(GraphProto graph, TrainingFiles files, Map<String, BytePointer> fed, FloatPointer parameters)
            throws EngineException {
        Set<String> wanted = new HashSet<>();
        graph.getInputList().forEach(input -> wanted.add(input.getName()));
        for (Map.Entry<String, TensorType> input : files.fed().entrySet()) {
            BytePointer memory = fed.get(input.getKey());
            if (memory != null && wanted.contains(input.getKey())) {
                inputs.put(input.getKey(), NativeTensor.in(memory, input.getValue()));
            }
        }
        long offset = 0;
        for (TensorSpec tensor : files.trained()) {
            long[] shape = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
            if (wanted.contains(tensor.name())) {
                Pointer memory = parameters.getPointer(offset);
                inputs.put(tensor.name(), NativeTensor.in(memory, TensorType.of(ElementType.FLOAT, shape)));
            }
            offset += tensor.count();
        }
    }

    private void forget() {
        results.forEach(NativeTensor::close);
        results = List.of();
    }
}
