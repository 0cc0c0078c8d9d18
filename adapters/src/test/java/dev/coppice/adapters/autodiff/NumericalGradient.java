package dev.coppice.adapters.autodiff;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.coppice.adapters.onnx.Value;
import java.nio.DoubleBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Compares gradients that a model computes in float64 with central differences of its own loss. */
public final class NumericalGradient implements AutoCloseable {
    private static final double STEP = 1e-5;

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final Map<String, long[]> integers = new HashMap<>();
    private final Map<String, double[]> reals = new LinkedHashMap<>();
    private final Map<String, double[]> constants = new HashMap<>();
    private final Map<String, long[]> shapes = new HashMap<>();

    /** @param model first output the loss, then one gradient for each real input, in the order of the feeds */
    public NumericalGradient(ModelProto model) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setOptimizationLevel(OptLevel.NO_OPT); // fused kernels know no float64
            this.session = environment.createSession(model.toByteArray(), options);
        }
    }

    public void feed(String name, long[] values, long... shape) {
        integers.put(name, values);
        shapes.put(name, shape);
    }

    public void feed(Value value, double[] values) {
        reals.put(value.name(), values);
        shapes.put(value.name(), value.shape());
    }

    public void feed(String name, double[] values, long... shape) {
        reals.put(name, values);
        shapes.put(name, shape);
    }

    /** Numbers by which nothing is differentiated. */
    public void constant(String name, double[] values, long... shape) {
        constants.put(name, values);
        shapes.put(name, shape);
    }

    /** Largest difference found, relative to the larger of the derivative and {@code floor}. */
    public double worstError(int coordinatesMax, double floor) throws OrtException {
        List<double[]> gradients = run(true);
        double worst = 0;
        int output = 1;
        for (double[] values : reals.values()) {
            double[] gradient = gradients.get(output++);
            int stride = Math.max(1, values.length / coordinatesMax);
            for (int i = 0; i < values.length; i += stride) {
                double expected = difference(values, i);
                double error = Math.abs(expected - gradient[i]);
                worst = Math.max(worst, error / Math.max(floor, Math.abs(expected)));
            }
        }
        return worst;
    }

    /** Fourth-order central difference. */
    private double difference(double[] values, int i) throws OrtException {
        double at = values[i];
        double far = lossAt(values, i, at + 2 * STEP) - lossAt(values, i, at - 2 * STEP);
        double near = lossAt(values, i, at + STEP) - lossAt(values, i, at - STEP);
        values[i] = at;
        return (8 * near - far) / (12 * STEP);
    }

    private double lossAt(double[] values, int i, double value) throws OrtException {
        values[i] = value;
        return run(false).get(0)[0];
    }

    private List<double[]> run(boolean all) throws OrtException {
        Map<String, OnnxTensorLike> inputs = new HashMap<>();
        for (var feed : integers.entrySet()) {
            inputs.put(
                    feed.getKey(),
                    OnnxTensor.createTensor(environment, LongBuffer.wrap(feed.getValue()), shapes.get(feed.getKey())));
        }
        Map<String, double[]> fed = new HashMap<>(constants);
        fed.putAll(reals);
        for (var feed : fed.entrySet()) {
            inputs.put(
                    feed.getKey(),
                    OnnxTensor.createTensor(
                            environment, DoubleBuffer.wrap(feed.getValue()), shapes.get(feed.getKey())));
        }
        List<String> names = new ArrayList<>(session.getOutputNames());
        List<double[]> outputs = new ArrayList<>();
        try (OrtSession.Result result = session.run(inputs, all ? Set.copyOf(names) : Set.of(names.get(0)))) {
            for (String name : all ? names : names.subList(0, 1)) {
                DoubleBuffer buffer = ((OnnxTensor) result.get(name).orElseThrow()).getDoubleBuffer();
                double[] values = new double[buffer.remaining()];
                buffer.get(values);
                outputs.add(values);
            }
        } finally {
            inputs.values().forEach(OnnxTensorLike::close);
        }
        return outputs;
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }
}
