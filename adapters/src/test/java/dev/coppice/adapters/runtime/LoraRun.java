package dev.coppice.adapters.runtime;

import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.onnxruntime.OrtAllocator;
import org.bytedeco.onnxruntime.OrtLoraAdapter;
import org.bytedeco.onnxruntime.OrtRunOptions;
import org.bytedeco.onnxruntime.OrtSession;
import org.bytedeco.onnxruntime.OrtSessionOptions;
import org.bytedeco.onnxruntime.OrtValue;

/** One run by ONNX Runtime's own LoRA support, which nothing that is shipped uses. */
public final class LoraRun {
    private LoraRun() {}

    /**
     * Logits of a model with inputs {@code input_ids} and {@code attention_mask}.
     *
     * @param adapter an {@code .onnx_adapter} file's bytes; empty for none
     */
    public static float[] logits(byte[] model, byte[] adapter, long[] ids, long[] mask, long[] shape)
            throws EngineException {
        OrtSessionOptions options = Ort.options(Path.of("."));
        OrtRunOptions run = new OrtRunOptions(Ort.made(Ort.API::CreateRunOptions));
        try (BytePointer modelBytes = new BytePointer(model);
                BytePointer adapterBytes = new BytePointer(adapter);
                NativeTensor tokens = NativeTensor.ofLongs(ids, shape);
                NativeTensor masks = NativeTensor.ofLongs(mask, shape);
                BytePointer tokensName = new BytePointer("input_ids");
                BytePointer maskName = new BytePointer("attention_mask");
                BytePointer logitsName = new BytePointer("logits");
                PointerPointer<Pointer> names = new PointerPointer<>(tokensName, maskName);
                PointerPointer<Pointer> values = new PointerPointer<>(tokens.value(), masks.value());
                PointerPointer<Pointer> outputs = new PointerPointer<>(new Pointer[] {logitsName});
                PointerPointer<Pointer> results = new PointerPointer<>(1)) {
            OrtSession session = new OrtSession(Ort.made(
                    out -> Ort.API.CreateSessionFromArray(Ort.ENVIRONMENT, modelBytes, model.length, options, out)));
            if (adapter.length > 0) {
                OrtLoraAdapter active = new OrtLoraAdapter(Ort.made(out ->
                        Ort.API.CreateLoraAdapterFromArray(adapterBytes, adapter.length, (OrtAllocator) null, out)));
                Ort.check(Ort.API.RunOptionsAddActiveLoraAdapter(run, active));
            }
            results.put(0, (Pointer) null);
            Ort.check(Ort.API.Run(session, run, names, values, 2, outputs, 1, results));
            try (NativeTensor logits = NativeTensor.result(new OrtValue(results.get(0)))) {
                return logits.toFloats();
            }
        } finally {
            Ort.API.ReleaseRunOptions(run);
            Ort.API.ReleaseSessionOptions(options);
        }
    }
}
