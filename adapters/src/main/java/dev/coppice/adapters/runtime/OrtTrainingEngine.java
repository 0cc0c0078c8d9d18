package dev.coppice.adapters.runtime;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.kit.Kit;
import java.util.Collection;
import java.util.List;

/** Training by ONNX Runtime's training session; parameters, gradients and moments stay in native memory. */
final class OrtTrainingEngine implements TrainingEngine {
    /** A rate that means: wipe the moments. See the optimizer model of the kit. */
    private static final float WIPE = -1;

    private final Kit kit;
    private final NativeTrainingSession session;
    private final Feed feed;
    private final AdamSchedule schedule = new AdamSchedule();
    private HeldTensors held = HeldTensors.NONE;
    private boolean open = true;

    private OrtTrainingEngine(Kit kit, NativeTrainingSession session) {
        this.kit = kit;
        this.session = session;
        this.feed = new Feed(kit, session::input);
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
    public void load(AdapterWeights weights, long seed) throws EngineException {
        requireOpen();
        Weights.requireLayout(weights, kit);
        feed.load(weights, seed);
        session.setParameters(weights.toArray());
        session.optimize(WIPE);
        schedule.reset();
        held = HeldTensors.NONE;
    }

    @Override
    public void hold(Collection<TensorSpec> tensors) throws EngineException {
        held = HeldTensors.of(tensors, weights());
    }

    @Override
    public float step(List<Batch> batches, float learningRate) throws EngineException {
        requireOpen();
        AdamSchedule.requireRate(learningRate);
        feed.begin(batches);
        float loss = 0;
        float gradientSquares = 0;
        try {
            for (Batch batch : batches) {
                feed.put(batch);
                feed.drawMasks();
                session.train();
                loss += session.trainOutput(0);
                gradientSquares += session.trainOutput(1);
            }
        } finally {
            session.forgetGradients();
        }
        if (!Float.isFinite(loss) || !Float.isFinite(gradientSquares)) {
            throw new EngineException("training diverged: the loss or a gradient is not finite");
        }
        session.optimize(schedule.next(learningRate));
        if (!held.isEmpty()) {
            float[] moved = session.parameters();
            held.restore(moved);
            session.setParameters(moved);
        }
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
        feed.putAlone(batch);
        return ScoreReader.read(kit.spec(), batch, session.evaluate());
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            session.close();
        }
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("the engine is closed");
        }
    }
}
