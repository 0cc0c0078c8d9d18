package dev.coppice.adapters.runtime;

import static org.bytedeco.onnxruntime.global.onnxruntime.ORT_API_VERSION;
import static org.bytedeco.onnxruntime.global.onnxruntime.OrtGetApiBase;

import java.nio.file.Path;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.onnxruntime.OrtApi;
import org.bytedeco.onnxruntime.OrtEnv;
import org.bytedeco.onnxruntime.OrtMemoryInfo;
import org.bytedeco.onnxruntime.OrtSessionOptions;
import org.bytedeco.onnxruntime.OrtStatus;
import org.bytedeco.onnxruntime.OrtTrainingApi;
import org.bytedeco.onnxruntime.OrtValue;

/** The C API of ONNX Runtime and what the whole process shares of it. Thread-safe. */
final class Ort {
    static final OrtApi API;
    static final OrtTrainingApi TRAINING;
    static final OrtEnv ENVIRONMENT;
    private static final OrtMemoryInfo CPU_MEMORY;
    private static final int LOG_FATAL = 4;
    private static final int DEVICE_ALLOCATOR = 0;
    private static final int AS_WRITTEN = 0;

    static {
        NativeSettings.apply();
        API = OrtGetApiBase().GetApi().call(ORT_API_VERSION);
        TRAINING = API.GetTrainingApi().call(ORT_API_VERSION);
        try (BytePointer name = new BytePointer("coppice")) {
            ENVIRONMENT = new OrtEnv(made(out -> API.CreateEnv(LOG_FATAL, name, out)));
            CPU_MEMORY = new OrtMemoryInfo(made(out -> API.CreateCpuMemoryInfo(DEVICE_ALLOCATOR, 0, out)));
        } catch (EngineException e) {
            throw new IllegalStateException("the native engine does not start", e);
        }
    }

    private Ort() {}

    /** A call that hands out one native object. */
    @FunctionalInterface
    interface Maker {
        OrtStatus into(PointerPointer<Pointer> out);
    }

    static Pointer made(Maker maker) throws EngineException {
        try (PointerPointer<Pointer> out = new PointerPointer<>(1)) {
            check(maker.into(out));
            return out.get(0);
        }
    }

    static void check(OrtStatus status) throws EngineException {
        if (status == null || status.isNull()) {
            return;
        }
        String message = API.GetErrorMessage().call(status).getString();
        API.ReleaseStatus(status);
        throw new EngineException(message);
    }

    /** As {@link #check}, without the native message: it may quote token ids, which are somebody's text. */
    static void checkRun(OrtStatus status) throws EngineException {
        if (status == null || status.isNull()) {
            return;
        }
        int code = API.GetErrorCode().call(status);
        API.ReleaseStatus(status);
        throw new EngineException("the native engine refused a batch (code " + code + ")");
    }

    /**
     * Options for a session of one thread; the caller releases them.
     *
     * @param weights the folder of the files that the models refer to
     */
    static OrtSessionOptions options(Path weights) throws EngineException {
        return options(weights, 1);
    }

    /**
     * As above for graphs that were fused when they were written: the engine rewrites nothing, which halves the time to
     * open them, and keeps no second block of memory planned after the first run.
     */
    static OrtSessionOptions trainingOptions(Path weights) throws EngineException {
        OrtSessionOptions options = options(weights);
        check(API.SetSessionGraphOptimizationLevel(options, AS_WRITTEN));
        check(API.DisableMemPattern(options));
        return options;
    }

    /** Options for a session whose runs take so many threads; the caller releases them. */
    static OrtSessionOptions options(Path weights, int threads) throws EngineException {
        OrtSessionOptions options = new OrtSessionOptions(made(API::CreateSessionOptions));
        check(API.SetIntraOpNumThreads(options, threads));
        check(API.SetInterOpNumThreads(options, 1));
        check(API.SetSessionLogSeverityLevel(options, LOG_FATAL));
        check(API.AddSessionConfigEntry(options, NativeSettings.WEIGHTS_FOLDER, weights.toString()));
        return options;
    }

    /** A tensor over memory that the caller keeps alive; the caller releases the tensor. */
    static OrtValue tensor(Pointer data, long bytes, int elementType, long... shape) throws EngineException {
        try (LongPointer dims = new LongPointer(shape)) {
            return new OrtValue(made(out ->
                    API.CreateTensorWithDataAsOrtValue(CPU_MEMORY, data, bytes, dims, shape.length, elementType, out)));
        }
    }

    /** Where a tensor's values are; valid as long as the tensor. */
    static Pointer data(OrtValue tensor) throws EngineException {
        return made(out -> API.GetTensorMutableData(tensor, out));
    }
}
