package dev.coppice.adapters.runtime;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.kit.Kit;

/** Training by ONNX Runtime's training session; parameters, gradients and moments stay in native memory. */
final class OrtTrainingEngine implements TrainingEngine {
    /** A rate that means: wipe the moments. See the optimizer model of the kit. */
    private static final float WIPE = -1;

    private final Kit kit;
    private final NativeTrainingSession session;
    private final AdamSchedule schedule = new AdamSchedule();
    private boolean open = true;

    private OrtTrainingEngine(Kit kit, NativeTrainingSession session) {
        this.kit = kit;
        this.session = session;
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
        session.setParameters(weights.toArray());
        session.optimize(WIPE);
        schedule.reset();
    }

    @Override
    public float step(Batch batch, float learningRate) throws EngineException {
        requireOpen();
        AdamSchedule.requireRate(learningRate);
        feed(batch);
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
        return AdapterWeights.of(kit.layout(), session.parameters());
    }

    @Override
    public Scores score(Batch batch) throws EngineException {
        requireOpen();
        feed(batch);
        return ScoreReader.read(kit.spec(), batch, session.evaluate());
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            session.close();
        }
    }

    private void feed(Batch batch) {
        Feed.requireFits(batch, kit.spec());
        for (String input : kit.fed().keySet()) {
            session.input(input).asLongBuffer().put(Feed.values(batch, input));
        }
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("the engine is closed");
        }
    }
}
