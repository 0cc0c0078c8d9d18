package dev.coppice.adapters.kit;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** One run of a model in an inference session. */
final class PlainRun implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final Map<String, OnnxTensorLike> inputs = new LinkedHashMap<>();

    void feed(String name, long[] values, long... shape) {
        try {
            inputs.put(name, OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape));
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    void feed(String name, float[] values, long... shape) throws OrtException {
        inputs.put(name, OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape));
    }

    /** All outputs by name; they are floats. */
    Map<String, float[]> run(ModelProto model) throws OrtException {
        Map<String, float[]> outputs = new LinkedHashMap<>();
        try (OrtSession session = environment.createSession(model.toByteArray());
                OrtSession.Result result = session.run(inputs)) {
            for (ValueInfoProto output : model.getGraph().getOutputList()) {
                FloatBuffer buffer = ((OnnxTensor) result.get(output.getName()).orElseThrow()).getFloatBuffer();
                float[] values = new float[buffer.remaining()];
                buffer.get(values);
                outputs.put(output.getName(), values);
            }
        }
        return outputs;
    }

    @Override
    public void close() {
        inputs.values().forEach(OnnxTensorLike::close);
    }
}
