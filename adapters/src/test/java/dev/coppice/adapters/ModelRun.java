package dev.coppice.adapters;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import com.google.errorprone.annotations.MustBeClosed;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** A language model in a plain session; what it remembers of past tokens is handed in, or nothing. */
public final class ModelRun implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    /** Float values of one output. */
    public static final class Output {
        private final long[] shape;
        private final float[] values;

        private Output(long[] shape, float[] values) {
            this.shape = shape.clone();
            this.values = values.clone();
        }

        public long[] shape() {
            return shape.clone();
        }

        public float[] values() {
            return values.clone();
        }
    }

    @MustBeClosed
    public ModelRun(Path onnx) throws OrtException {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            this.session = environment.createSession(onnx.toString(), options);
        }
    }

    @MustBeClosed
    public ModelRun(byte[] onnx) throws OrtException {
        this.session = environment.createSession(onnx);
    }

    /** All outputs for tokens without a past. */
    public Map<String, Output> run(long[][] ids, long[][] mask) throws OrtException {
        return run(ids, mask, Map.of());
    }

    /**
     * All outputs.
     *
     * @param mask of past and new tokens
     * @param past the outputs of the run before; may be empty
     */
    public Map<String, Output> run(long[][] ids, long[][] mask, Map<String, Output> past) throws OrtException {
        Map<String, OnnxTensorLike> inputs = new HashMap<>();
        try {
            inputs.put("input_ids", tensor(ids));
            inputs.put("attention_mask", tensor(mask));
            for (Map.Entry<String, NodeInfo> input : session.getInputInfo().entrySet()) {
                if (input.getKey().startsWith("past_key_values.")) {
                    inputs.put(input.getKey(), cached(input.getValue(), past, ids.length));
                }
            }
            try (OrtSession.Result result = session.run(inputs)) {
                Map<String, Output> outputs = new HashMap<>();
                for (Map.Entry<String, OnnxValue> output : result) {
                    outputs.put(output.getKey(), copy((OnnxTensor) output.getValue()));
                }
                return outputs;
            }
        } finally {
            inputs.values().forEach(OnnxTensorLike::close);
        }
    }

    @Override
    public void close() throws OrtException {
        session.close();
    }

    private OnnxTensor cached(NodeInfo input, Map<String, Output> past, int batch) throws OrtException {
        String present = input.getName().replace("past_key_values.", "present.");
        if (past.isEmpty()) {
            long[] declared = ((TensorInfo) input.getInfo()).getShape();
            long[] none = {batch, declared[1], 0, declared[3]};
            return OnnxTensor.createTensor(environment, FloatBuffer.allocate(0), none);
        }
        Output known = Objects.requireNonNull(past.get(present));
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(known.values), known.shape);
    }

    private OnnxTensor tensor(long[][] rows) throws OrtException {
        long[] flat = Arrays.stream(rows).flatMapToLong(Arrays::stream).toArray();
        return OnnxTensor.createTensor(
                environment, LongBuffer.wrap(flat), new long[] {rows.length, flat.length / rows.length});
    }

    private static Output copy(OnnxTensor tensor) {
        FloatBuffer buffer = tensor.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return new Output(tensor.getInfo().getShape(), values);
    }
}
