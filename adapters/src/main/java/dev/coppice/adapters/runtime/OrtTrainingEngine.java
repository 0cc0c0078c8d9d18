package dev.coppice.adapters.runtime;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.onnx.ElementType;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.onnxruntime.OrtValue;

/** Training by ONNX Runtime's training session; parameters, gradients and moments stay in native memory. */
final class OrtTrainingEngine implements TrainingEngine {
    /** A rate that means: wipe the moments. See the optimizer model of the kit. */
    private static final float WIPE = -1;

    private final Kit kit;
    private final NativeTrainingSession session;
    private final FloatPointer parameters;
    private final OrtValue parametersTensor;
    private final AdamSchedule schedule = new AdamSchedule();
    private boolean open = true;

    private OrtTrainingEngine(Kit kit, NativeTrainingSession session) throws EngineException {
        this.kit = kit;
        this.session = session;
        int count = kit.layout().count();
        this.parameters = new FloatPointer(count);
        this.parametersTensor = Ort.tensor(parameters, (long) count * Float.BYTES, ElementType.FLOAT.code(), count);
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed on every way out that does not return it
    static OrtTrainingEngine open(Kit kit) throws EngineException {
        NativeTrainingSession session = NativeTrainingSession.open(kit);
        try {
            OrtTrainingEngine engine = new OrtTrainingEngine(kit, session);
            engine.load(kit.initial());
            return engine;
        } catch (EngineException e) {
            session.close();
            throw e;
        }
    }

    @Override
    public void load(AdapterWeights weights) throws EngineException {
        requireOpen();
        Weights.requireLayout(weights, kit);
        parameters.put(weights.toArray());
        session.setParameters(parametersTensor);
        session.optimize(WIPE);
        schedule.reset();
    }

    @Override
    public float step(Batch batch, float learningRate) throws EngineException {
        requireOpen();
        AdamSchedule.requireRate(learningRate);
        session.feed(batch);
        session.train();
        float loss = session.trainOutput(0);
        float gradientSquares = session.trainOutput(1);
        session.forgetGradients();
        if (!Float.isFinite(loss) || !Float.isFinite(gradientSquares)) {
            throw new EngineException("training diverged: the loss or a gradient is not finite");
        }
        session.optimize(schedule.next(learningRate));
        return loss;
    }

    @Override
    public AdapterWeights weights() throws EngineException {
        requireOpen();
        session.copyParameters(parametersTensor);
        float[] values = new float[kit.layout().count()];
        parameters.get(values);
        return AdapterWeights.of(kit.layout(), values);
    }

    @Override
    public Scores score(Batch batch) throws EngineException {
        requireOpen();
        session.feed(batch);
        return session.score(batch);
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            Ort.API.ReleaseValue(parametersTensor);
            parameters.close();
            session.close();
        }
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("the engine is closed");
        }
    }
}
