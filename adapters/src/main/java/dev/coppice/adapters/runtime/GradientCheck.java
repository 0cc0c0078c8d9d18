package dev.coppice.adapters.runtime;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.kit.GradientModel;
import dev.coppice.adapters.kit.KitInputs;
import dev.coppice.adapters.kit.KitSpec;
import dev.coppice.adapters.onnx.Shapes;
import dev.coppice.adapters.onnx.TensorType;
import java.nio.DoubleBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntUnaryOperator;

/**
 * Compares a model's gradients in float64 with central differences of its own loss (of fourth order), on made-up tokens
 * and adapters that are not at their start. Not thread-safe.
 */
public final class GradientCheck implements AutoCloseable {
    private static final double STEP = 2e-4;
    /** Errors of small derivatives are judged against this share of the tensor's largest. */
    private static final double FLOOR = 1e-2;

    /** What a difference of two losses cannot tell from 0, by rounding alone, for a loss of 1 and an error of 1e-6. */
    private static final double UNRESOLVED = 4 * Math.ulp(1.0) / STEP / 1e-6;

    private static final String LOSS = "loss";

    private final OrtEnvironment environment;
    private final OrtSession session;
    private final int vocabulary;
    private final IntUnaryOperator draw;
    private final Map<String, OnnxTensor> tokens = new HashMap<>();
    private final Map<String, double[]> trained = new LinkedHashMap<>();
    private final Map<String, long[]> shapes = new HashMap<>();

    private GradientCheck(OrtEnvironment environment, OrtSession session, int vocabulary, IntUnaryOperator draw) {
        this.environment = environment;
        this.session = session;
        this.vocabulary = vocabulary;
        this.draw = draw;
    }

    /**
     * Opens a session for the check.
     *
     * @param vocabulary token ids are below it
     * @param draw a random number from 0 to its argument less 1
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed with the check
    public static GradientCheck open(GradientModel model, int vocabulary, IntUnaryOperator draw)
            throws EngineException {
        NativeSettings.apply();
        OrtEnvironment environment = OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.NO_OPT); // fused kernels know no float64
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
            GradientCheck check =
                    new GradientCheck(environment, environment.createSession(model.onnx(), options), vocabulary, draw);
            check.fill(model);
            return check;
        } catch (OrtException e) {
            throw new EngineException("the model does not run in float64: " + e.getMessage(), e);
        }
    }

    /**
     * The worst relative error of each trainable tensor.
     *
     * @param coordinates how many numbers of each tensor are tried, drawn at random
     */
    public SortedMap<String, Double> worstErrors(int coordinates) throws EngineException {
        try {
            Map<String, double[]> gradients = run(session.getOutputNames());
            SortedMap<String, Double> worst = new TreeMap<>();
            for (Map.Entry<String, double[]> tensor : trained.entrySet()) {
                double[] gradient = gradients.getOrDefault(tensor.getKey() + "_grad", new double[0]);
                worst.put(tensor.getKey(), worstError(tensor.getValue(), gradient, coordinates));
            }
            return worst;
        } catch (OrtException e) {
            throw new EngineException(
                    "the native engine refused made-up tokens (" + e.getCode() + "): does the model know all ids below "
                            + vocabulary + "?",
                    e);
        }
    }

    private double worstError(double[] values, double[] gradient, int coordinates) throws OrtException {
        double largest = Arrays.stream(gradient).map(Math::abs).max().orElse(0);
        double floor = Math.max(FLOOR * largest, UNRESOLVED * Math.abs(loss()));
        double worst = 0;
        for (int tried = 0; tried < coordinates; tried++) {
            int i = draw.applyAsInt(values.length);
            double expected = difference(values, i);
            double error = Math.abs(expected - gradient[i]);
            double relative = error / Math.max(Math.abs(expected), floor);
            worst = error == 0 ? worst : Math.max(worst, Double.isNaN(relative) ? Double.POSITIVE_INFINITY : relative);
        }
        return worst;
    }

    private double difference(double[] values, int i) throws OrtException {
        double at = values[i];
        double far = lossAt(values, i, at + 2 * STEP) - lossAt(values, i, at - 2 * STEP);
        double near = lossAt(values, i, at + STEP) - lossAt(values, i, at - STEP);
        values[i] = at;
        return (8 * near - far) / (12 * STEP);
    }

    private double lossAt(double[] values, int i, double value) throws OrtException {
        values[i] = value;
        return loss();
    }

    private double loss() throws OrtException {
        return run(Set.of(LOSS)).getOrDefault(LOSS, new double[1])[0];
    }

    private Map<String, double[]> run(Set<String> outputs) throws OrtException {
        Map<String, OnnxTensor> inputs = new HashMap<>(tokens);
        Map<String, double[]> results = new HashMap<>();
        try {
            for (Map.Entry<String, double[]> tensor : trained.entrySet()) {
                DoubleBuffer values = DoubleBuffer.wrap(tensor.getValue());
                inputs.put(tensor.getKey(), OnnxTensor.createTensor(environment, values, shapes.get(tensor.getKey())));
            }
            try (OrtSession.Result result = session.run(inputs, outputs)) {
                for (Map.Entry<String, OnnxValue> output : result) {
                    DoubleBuffer buffer = ((OnnxTensor) output.getValue()).getDoubleBuffer();
                    double[] values = new double[buffer.remaining()];
                    buffer.get(values);
                    results.put(output.getKey(), values);
                }
            }
            return results;
        } finally {
            inputs.forEach((name, tensor) -> {
                if (!tokens.containsKey(name)) {
                    tensor.close();
                }
            });
        }
    }

    /** The last row is shorter than the others; every token predicts the next one. */
    private void fill(GradientModel model) throws OrtException {
        KitSpec spec = model.spec();
        int length = spec.length();
        int shorter = Math.max(2, length / 2);
        long[] ids = new long[spec.batch() * length];
        Arrays.setAll(ids, i -> draw.applyAsInt(vocabulary));
        for (Map.Entry<String, TensorType> input : KitInputs.of(spec).entrySet()) {
            long[] values = new long[(int) Shapes.count(input.getValue().shape())];
            for (int i = 0; i < values.length; i++) {
                boolean last = i / length == spec.batch() - 1;
                int real = last ? shorter : length;
                values[i] = switch (input.getKey()) {
                    case KitInputs.TOKENS -> ids[i];
                    case KitInputs.MASK -> i % length < real ? 1 : 0;
                    case KitInputs.NEXT_TOKENS -> i % length < real - 1 ? ids[i + 1] : -100;
                    default -> draw.applyAsInt(Math.max(2, spec.labels().size()));
                };
            }
            tokens.put(
                    input.getKey(),
                    OnnxTensor.createTensor(
                            environment,
                            LongBuffer.wrap(values),
                            input.getValue().shape()));
        }
        float[] start = model.initial().toArray();
        for (TensorSpec tensor : model.initial().layout().tensors()) {
            double[] values = new double[tensor.count()];
            int offset = model.initial().layout().offset(tensor.name());
            Arrays.setAll(values, i -> start[offset + i] + draw.applyAsInt(2_001) / 1e4 - 0.1);
            trained.put(tensor.name(), values);
            shapes.put(
                    tensor.name(),
                    tensor.shape().stream().mapToLong(Integer::longValue).toArray());
        }
    }

    @Override
    public void close() throws EngineException {
        tokens.values().forEach(OnnxTensor::close);
        try {
            session.close();
        } catch (OrtException e) {
            throw new EngineException("a native session does not close", e);
        }
    }
}
