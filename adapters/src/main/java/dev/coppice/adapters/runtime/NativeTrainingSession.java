package dev.coppice.adapters.runtime;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.kit.KitFile;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.TrainingFiles;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.onnxruntime.OrtCheckpointState;
import org.bytedeco.onnxruntime.OrtSessionOptions;
import org.bytedeco.onnxruntime.OrtStatus;
import org.bytedeco.onnxruntime.OrtTrainingSession;
import org.bytedeco.onnxruntime.OrtValue;
import org.jspecify.annotations.Nullable;

/** One training session of the C API with the buffers it reads from. Not thread-safe; every pointer ends with it. */
final class NativeTrainingSession implements AutoCloseable {
    private final TrainingFiles files;
    private final OrtCheckpointState state;
    private final OrtTrainingSession session;
    private final Map<String, BytePointer> fed = new LinkedHashMap<>();
    private final PointerPointer<Pointer> inputs;
    private final Outputs trainOutputs;
    private final FloatPointer parameters;
    private final OrtValue parametersTensor;
    private @Nullable Evaluation evaluation;

    private NativeTrainingSession(TrainingFiles files, OrtCheckpointState state, OrtTrainingSession session)
            throws EngineException {
        this.files = files;
        this.state = state;
        this.session = session;
        this.inputs = new PointerPointer<>(files.fed().size());
        for (Map.Entry<String, TensorType> input : files.fed().entrySet()) {
            TensorType type = input.getValue();
            BytePointer data = new BytePointer(type.bytes());
            inputs.put(fed.size(), Ort.tensor(data, type.bytes(), type.element().code(), type.shape()));
            fed.put(input.getKey(), data);
        }
        this.trainOutputs = new Outputs(count(Ort.TRAINING::TrainingSessionGetTrainingModelOutputCount));
        long count = files.trained().stream().mapToLong(TensorSpec::count).sum();
        this.parameters = new FloatPointer(count);
        this.parametersTensor = Ort.tensor(parameters, count * Float.BYTES, ElementType.FLOAT.code(), count);
    }

    /** Opens a session on verified files. */
    @MustBeClosed
    static NativeTrainingSession open(TrainingFiles files) throws EngineException {
        try (BytePointer checkpoint = new BytePointer(files.read(KitFile.CHECKPOINT));
                BytePointer training = new BytePointer(files.read(KitFile.TRAINING));
                BytePointer optimizer = new BytePointer(files.read(KitFile.OPTIMIZER))) {
            files.requireWeightsUnchanged();
            OrtCheckpointState state = new OrtCheckpointState(
                    Ort.made(out -> Ort.TRAINING.LoadCheckpointFromBuffer(checkpoint, checkpoint.limit(), out)));
            OrtSessionOptions options = Ort.trainingOptions(files.folder());
            try {
                OrtTrainingSession session =
                        new OrtTrainingSession(Ort.made(out -> Ort.TRAINING.CreateTrainingSessionFromBuffer(
                                Ort.ENVIRONMENT,
                                options,
                                state,
                                training,
                                training.limit(),
                                null,
                                0,
                                optimizer,
                                optimizer.limit(),
                                out)));
                return wrapped(files, state, session);
            } catch (EngineException e) {
                Ort.TRAINING.ReleaseCheckpointState(state);
                throw e;
            } finally {
                Ort.API.ReleaseSessionOptions(options);
            }
        } catch (IOException | KitRefusedException e) {
            throw new EngineException("the kit has changed since it was opened", e);
        }
    }

    private static NativeTrainingSession wrapped(
            TrainingFiles files, OrtCheckpointState state, OrtTrainingSession session)
            throws EngineException, IOException, KitRefusedException {
        try {
            files.requireWeightsUnchanged();
            return new NativeTrainingSession(files, state, session);
        } catch (EngineException | IOException | KitRefusedException e) {
            Ort.TRAINING.ReleaseTrainingSession(session);
            throw e;
        }
    }

    /** The memory that an input is read from at the next run. */
    ByteBuffer input(String name) {
        BytePointer data = fed.get(name);
        if (data == null) {
            throw new IllegalArgumentException("nothing is fed as " + name);
        }
        return data.asByteBuffer().order(ByteOrder.nativeOrder());
    }

    void train() throws EngineException {
        trainOutputs.clear();
        Ort.checkRun(
                Ort.TRAINING.TrainStep(session, null, fed.size(), inputs, trainOutputs.count, trainOutputs.pointers));
    }

    /** One number among the outputs of the last {@link #train}. */
    float trainOutput(int output) throws EngineException {
        return trainOutputs.floats(output, 1)[0];
    }

    /** The next {@link #train} overwrites gradients instead of adding to them. */
    void forgetGradients() throws EngineException {
        Ort.check(Ort.TRAINING.LazyResetGrad(session));
    }

    /** Runs the optimizer model with this learning rate. */
    void optimize(float learningRate) throws EngineException {
        Ort.check(Ort.TRAINING.SetLearningRate(session, learningRate));
        Ort.check(Ort.TRAINING.OptimizerStep(session, null));
    }

    /** Runs the eval model, which is opened when it is first asked for. What it gave is valid until the next call. */
    @SuppressWarnings("MustBeClosedChecker") // closed with this
    ScoreReader.Columns evaluate() throws EngineException {
        Evaluation open = evaluation == null ? Evaluation.open(files, fed, parameters) : evaluation;
        evaluation = open;
        Ort.check(Ort.TRAINING.CopyParametersToBuffer(session, parametersTensor, true));
        open.run();
        return open;
    }

    /** Takes over all parameters, in the order of the training graph. */
    void setParameters(float[] flat) throws EngineException {
        parameters.put(flat);
        Ort.check(Ort.TRAINING.CopyBufferToParameters(session, parametersTensor, true));
    }

    /** A copy of all parameters, in the order of the training graph. */
    float[] parameters() throws EngineException {
        Ort.check(Ort.TRAINING.CopyParametersToBuffer(session, parametersTensor, true));
        float[] flat = new float[Math.toIntExact(parameters.capacity())];
        parameters.get(flat);
        return flat;
    }

    @Override
    public void close() {
        trainOutputs.close();
        if (evaluation != null) {
            evaluation.close();
        }
        for (int i = 0; i < fed.size(); i++) {
            Ort.API.ReleaseValue(new OrtValue(inputs.get(i)));
        }
        fed.values().forEach(Pointer::close);
        inputs.close();
        Ort.API.ReleaseValue(parametersTensor);
        parameters.close();
        Ort.TRAINING.ReleaseTrainingSession(session);
        Ort.TRAINING.ReleaseCheckpointState(state);
    }

    /** A question to the session that is answered with a count. */
    @FunctionalInterface
    private interface Counter {
        OrtStatus of(OrtTrainingSession session, SizeTPointer count);
    }

    private int count(Counter counter) throws EngineException {
        try (SizeTPointer count = new SizeTPointer(1)) {
            Ort.check(counter.of(session, count));
            return (int) count.get();
        }
    }

    /** Tensors that the session made in its last run. */
    private static final class Outputs implements AutoCloseable {
        private final int count;
        private final PointerPointer<Pointer> pointers;

        Outputs(int count) {
            this.count = count;
            this.pointers = new PointerPointer<>(count);
            for (int i = 0; i < count; i++) {
                pointers.put(i, (Pointer) null);
            }
        }

        float[] floats(int output, int values) throws EngineException {
            float[] copy = new float[values];
            new FloatPointer(Ort.data(new OrtValue(pointers.get(output)))).get(copy);
            return copy;
        }

        void clear() {
            for (int i = 0; i < count; i++) {
                Pointer tensor = pointers.get(i);
                if (tensor != null) {
                    Ort.API.ReleaseValue(new OrtValue(tensor));
                    pointers.put(i, (Pointer) null);
                }
            }
        }

        @Override
        public void close() {
            clear();
            pointers.close();
        }
    }
}
