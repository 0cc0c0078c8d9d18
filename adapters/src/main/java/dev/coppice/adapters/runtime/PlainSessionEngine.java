package dev.coppice.adapters.runtime;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.kit.KitFile;
import dev.coppice.adapters.kit.KitRefusedException;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.TensorType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Training by an inference session that returns gradients, with AdamW in Java. */
final class PlainSessionEngine implements TrainingEngine {
    private final Kit kit;
    private final OrtEnvironment environment;
    private final OrtSession gradients;
    private final OrtSession eval;
    private final Map<String, ByteBuffer> fed = new LinkedHashMap<>();
    private final Feed feed;
    private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    private final FloatBuffer parameters;
    private final AdamSchedule schedule = new AdamSchedule();
    private final float[] gradient;
    private final float[] firstMoment;
    private final float[] secondMoment;
    private HeldTensors held = HeldTensors.NONE;
    private boolean open = true;

    private PlainSessionEngine(Kit kit, OrtEnvironment environment, OrtSession gradients, OrtSession eval)
            throws OrtException {
        this.kit = kit;
        this.environment = environment;
        this.gradients = gradients;
        this.eval = eval;
        int count = kit.layout().count();
        this.parameters = direct((long) count * Float.BYTES).asFloatBuffer();
        this.gradient = new float[count];
        this.firstMoment = new float[count];
        this.secondMoment = new float[count];
        makeInputs();
        this.feed = new Feed(kit, name -> Objects.requireNonNull(fed.get(name)));
    }

    @MustBeClosed
    static PlainSessionEngine open(Kit kit) throws EngineException {
        NativeSettings.apply();
        OrtEnvironment environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        List<OrtSession> opened = new ArrayList<>();
        try {
            kit.requireWeightsUnchanged();
            opened.add(session(environment, kit, KitFile.PLAIN));
            opened.add(session(environment, kit, KitFile.EVAL));
            kit.requireWeightsUnchanged();
            PlainSessionEngine engine = new PlainSessionEngine(kit, environment, opened.get(0), opened.get(1));
            engine.load(kit.initial());
            return engine;
        } catch (OrtException | IOException | KitRefusedException e) {
            opened.forEach(PlainSessionEngine::closeSession);
            throw new EngineException("the native session does not open", e);
        }
    }

    @Override
    public void load(AdapterWeights weights, long seed) {
        requireOpen();
        Weights.requireLayout(weights, kit);
        feed.load(weights, seed);
        parameters.duplicate().put(weights.toArray());
        Arrays.fill(firstMoment, 0);
        Arrays.fill(secondMoment, 0);
        schedule.reset();
        held = HeldTensors.NONE;
    }

    @Override
    public void hold(Collection<TensorSpec> tensors) {
        held = HeldTensors.of(tensors, weights());
    }

    @Override
    public float step(List<Batch> batches, float learningRate) throws EngineException {
        requireOpen();
        AdamSchedule.requireRate(learningRate);
        feed.begin(batches);
        Arrays.fill(gradient, 0);
        float loss = 0;
        for (Batch batch : batches) {
            feed.put(batch);
            feed.drawMasks();
            loss += run();
        }
        double squares = 0;
        for (float g : gradient) {
            squares += (double) g * g;
        }
        if (!Float.isFinite(loss) || !Float.isFinite((float) squares)) {
            throw new EngineException("training diverged: the loss or a gradient is not finite");
        }
        optimize(schedule.next(learningRate));
        if (!held.isEmpty()) {
            float[] moved = weights().toArray();
            held.restore(moved);
            parameters.duplicate().put(moved);
        }
        return loss;
    }

    @Override
    public AdapterWeights weights() {
        requireOpen();
        float[] values = new float[kit.layout().count()];
        parameters.duplicate().get(values);
        return AdapterWeights.of(kit.layout(), values);
    }

    @Override
    public Scores score(Batch batch) throws EngineException {
        requireOpen();
        feed.putAlone(batch);
        try (OrtSession.Result result = eval.run(inputs)) {
            return ScoreReader.read(kit.spec(), batch, new Columns(result));
        } catch (OrtException e) {
            throw refusal(e);
        }
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            inputs.values().forEach(OnnxTensor::close);
            closeSession(gradients);
            closeSession(eval);
        }
    }

    /** Adds to the gradient; the loss. */
    private float run() throws EngineException {
        try (OrtSession.Result result = gradients.run(inputs)) {
            int offset = 0;
            int output = 1;
            for (TensorSpec tensor : kit.layout().tensors()) {
                FloatBuffer part =
                        ((OnnxTensor) result.get(output++)).getByteBuffer().asFloatBuffer();
                for (int i = 0; i < tensor.count(); i++) {
                    gradient[offset + i] += part.get(i);
                }
                offset += tensor.count();
            }
            return ((OnnxTensor) result.get(0)).getFloatBuffer().get(0);
        } catch (OrtException e) {
            throw refusal(e);
        }
    }

    private void optimize(float rate) {
        for (int i = 0; i < gradient.length; i++) {
            float g = gradient[i];
            float m = AdamSchedule.BETA_1 * firstMoment[i] + (1 - AdamSchedule.BETA_1) * g;
            float v = AdamSchedule.BETA_2 * secondMoment[i] + (1 - AdamSchedule.BETA_2) * g * g;
            firstMoment[i] = m;
            secondMoment[i] = v;
            parameters.put(i, parameters.get(i) - rate * m / ((float) Math.sqrt(v) + AdamSchedule.EPSILON));
        }
    }

    private void makeInputs() throws OrtException {
        for (Map.Entry<String, TensorType> input : kit.fed().entrySet()) {
            TensorType type = input.getValue();
            ByteBuffer data = direct(type.bytes());
            fed.put(input.getKey(), data);
            inputs.put(
                    input.getKey(), OnnxTensor.createTensor(environment, data, type.shape(), javaType(type.element())));
        }
        for (TensorSpec tensor : kit.layout().tensors()) {
            FloatBuffer part = parameters.slice(kit.layout().offset(tensor.name()), tensor.count());
            long[] shape = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
            inputs.put(tensor.name(), OnnxTensor.createTensor(environment, part, shape));
        }
    }

    private static OnnxJavaType javaType(ElementType element) {
        if (element == ElementType.FLOAT) {
            return OnnxJavaType.FLOAT;
        }
        return element == ElementType.BOOL ? OnnxJavaType.BOOL : OnnxJavaType.INT64;
    }

    private static OrtSession session(OrtEnvironment environment, Kit kit, KitFile file)
            throws OrtException, IOException, KitRefusedException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT); // fused when it was written
            options.setMemoryPatternOptimization(false);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            options.addConfigEntry(NativeSettings.WEIGHTS_FOLDER, kit.folder().toString());
            return environment.createSession(kit.read(file), options);
        }
    }

    /** Leaves the native message out: it may quote token ids, which are somebody's text. */
    private static EngineException refusal(OrtException e) {
        return new EngineException("the native engine refused a batch (" + e.getCode() + ")");
    }

    private static void closeSession(OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("a native session does not close", e);
        }
    }

    private static ByteBuffer direct(long bytes) {
        return ByteBuffer.allocateDirect(Math.toIntExact(bytes)).order(ByteOrder.nativeOrder());
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("the engine is closed");
        }
    }

    /** Outputs of one run. */
    private record Columns(OrtSession.Result result) implements ScoreReader.Columns {
        @Override
        public float[] floats(int output, int count) {
            float[] copy = new float[count];
            ((OnnxTensor) result.get(output)).getFloatBuffer().get(copy);
            return copy;
        }

        @Override
        public long[] longs(int output, int count) {
            long[] copy = new long[count];
            ((OnnxTensor) result.get(output)).getLongBuffer().get(copy);
            return copy;
        }
    }
}
