package dev.coppice.adapters.runtime;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.onnxruntime.OrtDnnlProviderOptions;
import org.bytedeco.onnxruntime.OrtSessionOptions;

/** What the runtime on the class path can run models on. Thread-safe. */
public final class ExecutionProviders {
    /** What every runtime has. */
    public static final String CPU = "CPUExecutionProvider";

    private static final String DNNL = "DnnlExecutionProvider";
    private static final String SUFFIX = "ExecutionProvider";

    private ExecutionProviders() {}

    /** Names of all of them, the fastest first by the runtime's own opinion. Whether there is hardware shows when one is used. */
    public static List<String> available() throws EngineException {
        try (PointerPointer<Pointer> names = new PointerPointer<>((Pointer) null);
                IntPointer count = new IntPointer(1)) {
            Ort.check(Ort.API.GetAvailableProviders(names, count)); // makes names the runtime's array
            List<String> found = new ArrayList<>();
            for (int i = 0; i < count.get(); i++) {
                found.add(names.getString(i));
            }
            Ort.check(Ort.API.ReleaseAvailableProviders(names, count.get()));
            return found;
        }
    }

    /**
     * Asks a session to run what it can on a provider, and the rest on the CPU.
     *
     * @throws EngineException if this runtime has no such provider, or it finds no hardware
     */
    static void append(OrtSessionOptions options, String provider) throws EngineException {
        if (provider.equals(CPU)) {
            return;
        }
        if (!available().contains(provider)) {
            throw new EngineException("the runtime has no " + provider);
        }
        if (provider.equals(DNNL)) {
            appendDnnl(options);
            return;
        }
        String name = provider.endsWith(SUFFIX) ? provider.substring(0, provider.length() - SUFFIX.length()) : provider;
        try (BytePointer key = new BytePointer(name)) {
            Ort.check(Ort.API.SessionOptionsAppendExecutionProvider(
                    options, key, (PointerPointer<?>) null, (PointerPointer<?>) null, 0));
        }
    }

    /** The one provider that has options of its own and comes with the presets. */
    private static void appendDnnl(OrtSessionOptions options) throws EngineException {
        OrtDnnlProviderOptions dnnl =
                new OrtDnnlProviderOptions(Ort.made(out -> Ort.API.CreateDnnlProviderOptions(out)));
        try {
            Ort.check(Ort.API.SessionOptionsAppendExecutionProvider_Dnnl(options, dnnl));
        } finally {
            Ort.API.ReleaseDnnlProviderOptions().call(dnnl);
        }
    }
}
