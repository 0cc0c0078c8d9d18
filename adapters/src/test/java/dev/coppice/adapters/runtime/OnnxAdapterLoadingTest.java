package dev.coppice.adapters.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.OnnxAdapter;
import dev.coppice.adapters.onnx.Dim;
import dev.coppice.adapters.onnx.ElementType;
import dev.coppice.adapters.onnx.ModelBuilder;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.onnxruntime.OrtLoraAdapter;
import org.bytedeco.onnxruntime.OrtRunOptions;
import org.bytedeco.onnxruntime.OrtSession;
import org.bytedeco.onnxruntime.OrtSessionOptions;
import org.bytedeco.onnxruntime.OrtValue;
import org.junit.jupiter.api.Test;

/** What we write as .onnx_adapter, in the hands of ONNX Runtime itself. */
class OnnxAdapterLoadingTest {
    private static final OnnxAdapter ADAPTER = new OnnxAdapter(
            AdapterWeights.of(
                    ParameterLayout.of(List.of(
                            new TensorSpec("l.lora_A.weight", List.of(2, 3)),
                            new TensorSpec("l.lora_B.weight", List.of(1, 2)))),
                    new float[] {1, 2, 3, 4, 5, 6, 7, 8}),
            1,
            1);

    /** A model whose factors are inputs; a run takes them from the adapter. */
    @Test
    void onnxRuntimeLoadsAndAppliesIt() throws Exception {
        ModelBuilder b = new ModelBuilder("two factors");
        String x = b.input("x", ElementType.FLOAT, Dim.fixed(3), Dim.fixed(1));
        String down = b.input("l.lora_A.weight", ElementType.FLOAT, Dim.fixed(2), Dim.fixed(3));
        String up = b.input("l.lora_B.weight", ElementType.FLOAT, Dim.fixed(1), Dim.fixed(2));
        b.output(b.node("MatMul", up, b.node("MatMul", down, x)), "y", ElementType.FLOAT, Dim.fixed(1), Dim.fixed(1));
        assertThat(run(b.build().toByteArray(), ADAPTER.write())).isEqualTo(7 * (1 + 2 + 3) + 8 * (4 + 5 + 6));
    }

    @Test
    void onnxRuntimeRefusesWhatIsNoAdapter() {
        assertThatThrownBy(() -> adapter(new BytePointer(new byte[20]))).isInstanceOf(EngineException.class);
    }

    private static float run(byte[] model, byte[] file) throws EngineException {
        try (BytePointer graph = new BytePointer(model);
                BytePointer bytes = new BytePointer(file);
                FloatPointer ones = new FloatPointer(1, 1, 1);
                PointerPointer<Pointer> inputNames = new PointerPointer<>("x");
                PointerPointer<Pointer> outputNames = new PointerPointer<>("y");
                PointerPointer<Pointer> inputs = new PointerPointer<>(1);
                PointerPointer<Pointer> outputs = new PointerPointer<>(1)) {
            OrtSessionOptions options = new OrtSessionOptions(Ort.made(Ort.API::CreateSessionOptions));
            OrtSession session = new OrtSession(Ort.made(
                    out -> Ort.API.CreateSessionFromArray(Ort.ENVIRONMENT, graph, graph.limit(), options, out)));
            OrtLoraAdapter adapter = adapter(bytes);
            OrtRunOptions run = new OrtRunOptions(Ort.made(Ort.API::CreateRunOptions));
            OrtValue input = Ort.tensor(ones, 3L * Float.BYTES, 1, 3, 1);
            Ort.check(Ort.API.RunOptionsAddActiveLoraAdapter(run, adapter));
            inputs.put(0, input);
            outputs.put(0, (Pointer) null);
            Ort.check(Ort.API.Run(session, run, inputNames, inputs, 1, outputNames, 1, outputs));
            OrtValue output = new OrtValue(outputs.get(0));
            float y = new FloatPointer(Ort.data(output)).get(0);
            Ort.API.ReleaseValue(output);
            Ort.API.ReleaseValue(input);
            Ort.API.ReleaseRunOptions(run);
            Ort.API.ReleaseLoraAdapter(adapter);
            Ort.API.ReleaseSession(session);
            Ort.API.ReleaseSessionOptions(options);
            return y;
        }
    }

    private static OrtLoraAdapter adapter(BytePointer bytes) throws EngineException {
        return new OrtLoraAdapter(Ort.made(out -> Ort.API.CreateLoraAdapterFromArray(bytes, bytes.limit(), null, out)));
    }
}
