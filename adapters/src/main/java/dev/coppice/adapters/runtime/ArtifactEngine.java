package dev.coppice.adapters.runtime;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.kit.OrtArtifacts;
import dev.coppice.adapters.onnx.Tensor;
import dev.coppice.adapters.onnx.TensorType;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * Trains a set of artifacts as it is, whatever it is fed and whichever optimizer it has. Unlike an engine of a kit it
 * serves one training: how to wipe a foreign optimizer's memory is not known. One thread at a time; after {@link
 * #close} every call throws {@link IllegalStateException}.
 */
public final class ArtifactEngine implements AutoCloseable {
    private final OrtArtifacts artifacts;
    private final NativeTrainingSession session;
    private boolean open = true;

    private ArtifactEngine(OrtArtifacts artifacts, NativeTrainingSession session) {
        this.artifacts = artifacts;
        this.session = session;
    }

    /** A new native session of one thread, loaded with what the checkpoint holds. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed with the engine
    public static ArtifactEngine open(OrtArtifacts artifacts) throws EngineException {
        return new ArtifactEngine(artifacts, NativeTrainingSession.open(artifacts));
    }

    /**
     * One step of the artifacts' optimizer.
     *
     * @param inputs a tensor for each of {@link OrtArtifacts#fed}
     * @param learningRate what the optimizer gets as its rate
     * @return the loss before the step
     * @throws EngineException if the loss is not finite; no parameter has changed then
     */
    public float step(Map<String, Tensor> inputs, float learningRate) throws EngineException {
        feed(inputs);
        session.train();
        float loss = session.trainOutput(0);
        session.forgetGradients();
        if (!Float.isFinite(loss)) {
            throw new EngineException("training diverged: the loss is not finite");
        }
        session.optimize(learningRate);
        return loss;
    }

    /** The loss under the present parameters; changes nothing. */
    public float loss(Map<String, Tensor> inputs) throws EngineException {
        feed(inputs);
        return session.evaluate().floats(0, 1)[0];
    }

    /** A copy of the trained parameters as they are now. */
    public AdapterWeights weights() throws EngineException {
        requireOpen();
        ParameterLayout layout = artifacts.initial().layout();
        float[] inGraphOrder = session.parameters();
        float[] values = new float[inGraphOrder.length];
        int from = 0;
        for (TensorSpec tensor : artifacts.trained()) {
            System.arraycopy(inGraphOrder, from, values, layout.offset(tensor.name()), tensor.count());
            from += tensor.count();
        }
        return AdapterWeights.of(layout, values);
    }

    @Override
    public void close() {
        if (open) {
            open = false;
            session.close();
        }
    }

    private void feed(Map<String, Tensor> inputs) {
        requireOpen();
        for (Map.Entry<String, TensorType> input : artifacts.fed().entrySet()) {
            Tensor tensor = inputs.get(input.getKey());
            if (tensor == null || !input.getValue().equals(TensorType.of(tensor.type(), tensor.shape()))) {
                throw new IllegalArgumentException(input.getKey() + " has to be fed as " + input.getValue());
            }
            ByteBuffer to = session.input(input.getKey());
            to.put(tensor.data());
        }
    }

    private void requireOpen() {
        if (!open) {
            throw new IllegalStateException("the engine is closed");
        }
    }
}
