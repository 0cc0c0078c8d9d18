package dev.coppice.benchmarks;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelBuilder;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Map;

/** How fast one core multiplies matrices, [512, 256] by [256, 768], in the runtime that also trains. */
final class GemmPeak implements AutoCloseable {
    private static final int ROWS = 512;
    private static final int INNER = 256;
    private static final int COLUMNS = 768;
    private static final int RUNS = 20;
    private static final int SAMPLES = 10;

    private final OrtSession session;
    private final Map<String, OnnxTensor> in;
    private final Map<String, OnnxTensor> out;

    GemmPeak() throws OrtException {
        ModelBuilder b = new ModelBuilder("product");
        String x = b.input("x", ElementType.FLOAT, Dim.fixed(ROWS), Dim.fixed(INNER));
        float[] weights = new float[INNER * COLUMNS];
        Arrays.fill(weights, 0.01f);
        String y = b.node("MatMul", x, b.weight("w", weights, INNER, COLUMNS));
        b.output(y, "y", ElementType.FLOAT, Dim.fixed(ROWS), Dim.fixed(COLUMNS));
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setInterOpNumThreads(1);
            this.session = environment.createSession(b.build().toByteArray(), options);
        }
        this.in = Map.of("x", OnnxTensor.createTensor(environment, floats(ROWS * INNER), new long[] {ROWS, INNER}));
        this.out =
                Map.of("y", OnnxTensor.createTensor(environment, floats(ROWS * COLUMNS), new long[] {ROWS, COLUMNS}));
    }

    /** The best of some samples, in 10^9 operations a second of CPU. */
    double gigaflopsASecond() throws OrtException {
        double best = 0;
        for (int sample = 0; sample < SAMPLES; sample++) {
            CpuTime time = new CpuTime();
            for (int run = 0; run < RUNS; run++) {
                session.run(in, out).close();
            }
            best = Math.max(best, 2e-6 * ROWS * INNER * COLUMNS * RUNS / time.milliseconds());
        }
        return best;
    }

    @Override
    public void close() throws OrtException {
        in.values().forEach(OnnxTensor::close);
        out.values().forEach(OnnxTensor::close);
        session.close();
    }

    private static FloatBuffer floats(int count) {
        FloatBuffer floats = ByteBuffer.allocateDirect(count * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        for (int i = 0; i < count; i++) {
            floats.put(i, 0.1f);
        }
        return floats;
    }
}
