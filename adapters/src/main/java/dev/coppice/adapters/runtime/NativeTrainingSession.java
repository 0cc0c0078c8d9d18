package dev.coppice.adapters.runtime;

import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitFile;
import dev.coppice.adapters.kit.KitInputs;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.onnx.Shapes;
import dev.coppice.adapters.onnx.TensorType;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.onnxruntime.OrtCheckpointState;
import org.bytedeco.onnxruntime.OrtSessionOptions;
import org.bytedeco.onnxruntime.OrtTrainingSession;
import org.bytedeco.onnxruntime.OrtValue;

/** One training session of the C API with the buffers it reads from. Not thread-safe; every pointer ends with it. */
final class NativeTrainingSession implements AutoCloseable {
    private final KitSpec spec;
    private final OrtCheckpointState state;
    private final OrtTrainingSession session;
    private final Map<String, LongPointer> fed = new LinkedHashMap<>();
    private final PointerPointer<Pointer> inputs;
    private final Outputs trainOutputs;
    private final Outputs evalOutputs;

    private NativeTrainingSession(KitSpec spec, OrtCheckpointState state, OrtTrainingSession session)
            throws EngineException {
        this.spec = spec;
        this.state = state;
        this.session = session;
        Map<String, TensorType> types = KitInputs.of(spec);
        this.inputs = new PointerPointer<>(types.size());
        for (Map.Entry<String, TensorType> input : types.entrySet()) {
            TensorType type = input.getValue();
            long count = Shapes.count(type.shape());
            LongPointer data = new LongPointer(count);
            inputs.put(
                    fed.size(),
                    Ort.tensor(data, count * Long.BYTES, type.element().code(), type.shape()));
            fed.put(input.getKey(), data);
        }
        this.trainOutputs = new Outputs(trainOutputCount());
        this.evalOutputs = new Outputs(ScoreReader.outputs(spec));
    }

    /** Opens a session on the verified bytes of a kit's files; the caller closes it. */
    static NativeTrainingSession open(Kit kit) throws EngineException {
        try (BytePointer checkpoint = new BytePointer(kit.read(KitFile.CHECKPOINT));
                BytePointer training = new BytePointer(kit.read(KitFile.TRAINING));
                BytePointer eval = new BytePointer(kit.read(KitFile.EVAL));
                BytePointer optimizer = new BytePointer(kit.read(KitFile.OPTIMIZER))) {
            OrtCheckpointState state = new OrtCheckpointState(
                    Ort.made(out -> Ort.TRAINING.LoadCheckpointFromBuffer(checkpoint, checkpoint.limit(), out)));
            OrtSessionOptions options = Ort.singleThread();
            try {
                OrtTrainingSession session =
                        new OrtTrainingSession(Ort.made(out -> Ort.TRAINING.CreateTrainingSessionFromBuffer(
                                Ort.ENVIRONMENT,
                                options,
                                state,
                                training,
                                training.limit(),
                                eval,
                                eval.limit(),
                                optimizer,
                                optimizer.limit(),
                                out)));
                return wrapped(kit.spec(), state, session);
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

    private static NativeTrainingSession wrapped(KitSpec spec, OrtCheckpointState state, OrtTrainingSession session)
            throws EngineException {
        try {
            return new NativeTrainingSession(spec, state, session);
        } catch (EngineException e) {
            Ort.TRAINING.ReleaseTrainingSession(session);
            throw e;
        }
    }

    void feed(Batch batch) {
        Feed.requireFits(batch, spec);
        fed.forEach((name, data) -> data.put(Feed.values(batch, name)));
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

    Scores score(Batch batch) throws EngineException {
        evalOutputs.clear();
        Ort.checkRun(Ort.TRAINING.EvalStep(session, null, fed.size(), inputs, evalOutputs.count, evalOutputs.pointers));
        return ScoreReader.read(spec, batch, evalOutputs);
    }

    void setParameters(OrtValue flat) throws EngineException {
        Ort.check(Ort.TRAINING.CopyBufferToParameters(session, flat, true));
    }

    void copyParameters(OrtValue flat) throws EngineException {
        Ort.check(Ort.TRAINING.CopyParametersToBuffer(session, flat, true));
    }

    @Override
    public void close() {
        trainOutputs.close();
        evalOutputs.close();
        for (int i = 0; i < fed.size(); i++) {
            Ort.API.ReleaseValue(new OrtValue(inputs.get(i)));
        }
        fed.values().forEach(Pointer::close);
        inputs.close();
        Ort.TRAINING.ReleaseTrainingSession(session);
        Ort.TRAINING.ReleaseCheckpointState(state);
    }

    private int trainOutputCount() throws EngineException {
        try (SizeTPointer count = new SizeTPointer(1)) {
            Ort.check(Ort.TRAINING.TrainingSessionGetTrainingModelOutputCount(session, count));
            return (int) count.get();
        }
    }

    /** Tensors that the session made in its last run. */
    private static final class Outputs implements ScoreReader.Columns, AutoCloseable {
        private final int count;
        private final PointerPointer<Pointer> pointers;

        Outputs(int count) {
            this.count = count;
            this.pointers = new PointerPointer<>(count);
            for (int i = 0; i < count; i++) {
                pointers.put(i, (Pointer) null);
            }
        }

        @Override
        public float[] floats(int output, int values) throws EngineException {
            float[] copy = new float[values];
            new FloatPointer(Ort.data(new OrtValue(pointers.get(output)))).get(copy);
            return copy;
        }

        @Override
        public long[] longs(int output, int values) throws EngineException {
            long[] copy = new long[values];
            new LongPointer(Ort.data(new OrtValue(pointers.get(output)))).get(copy);
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
