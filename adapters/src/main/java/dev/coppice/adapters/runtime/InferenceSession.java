package dev.coppice.adapters.runtime;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.onnxruntime.OrtRunOptions;
import org.bytedeco.onnxruntime.OrtSession;
import org.bytedeco.onnxruntime.OrtSessionOptions;
import org.jspecify.annotations.Nullable;

/**
 * A model in native memory that is run, not trained. Holds nothing between runs, so that any number of threads may run
 * it at once; {@link #close} waits for runs that are under way. Runs after that throw {@link IllegalStateException}.
 */
public final class InferenceSession implements AutoCloseable {
    private final OrtSession session;
    private final String provider;
    private final Map<String, BytePointer> names = new ConcurrentHashMap<>();
    private final ReadWriteLock use = new ReentrantReadWriteLock();
    private boolean closed;

    private InferenceSession(OrtSession session, String provider) {
        this.session = session;
        this.provider = provider;
    }

    /**
     * Opens a model.
     *
     * @param model an ONNX file's bytes
     * @param file where the bytes came from: external weights, if it has any, are mapped from files beside it, and that
     *     they do lie there has been checked
     * @throws EngineException if the native engine does not take the model; its reason names operators, not texts
     */
    @MustBeClosed
    public static InferenceSession open(byte[] model, Path file, SessionSettings settings) throws EngineException {
        for (String provider : settings.providers()) {
            try {
                return open(model, file, settings.threads(), provider);
            } catch (EngineException e) {
                // the next one, and in the end the CPU
            }
        }
        return open(model, file, settings.threads(), ExecutionProviders.CPU);
    }

    @MustBeClosed
    private static InferenceSession open(byte[] model, Path file, int threads, String provider) throws EngineException {
        OrtSessionOptions options =
                Ort.options(file.toAbsolutePath().resolveSibling("").normalize(), threads);
        try (BytePointer bytes = new BytePointer(model)) {
            ExecutionProviders.append(options, provider);
            OrtSession session = new OrtSession(Ort.made(
                    out -> Ort.API.CreateSessionFromArray(Ort.ENVIRONMENT, bytes, model.length, options, out)));
            return new InferenceSession(session, provider);
        } finally {
            Ort.API.ReleaseSessionOptions(options);
        }
    }

    /** What the model runs on: one of the providers that were wanted, or {@link ExecutionProviders#CPU}. */
    public String provider() {
        return provider;
    }

    /** As {@link #run(Map, List, Cancellation)}, to its end. */
    public List<NativeTensor> run(Map<String, NativeTensor> inputs, List<String> outputs) throws EngineException {
        return run(inputs, outputs, (OrtRunOptions) null);
    }

    /**
     * Runs the model once.
     *
     * @param inputs by name: all that the model does not hold a value for
     * @param outputs names of those outputs that are wanted
     * @return the outputs in the order of their names; the caller closes them
     * @throws EngineException if the native engine refuses, or the run was cancelled
     */
    public List<NativeTensor> run(Map<String, NativeTensor> inputs, List<String> outputs, Cancellation cancellation)
            throws EngineException {
        return run(inputs, outputs, cancellation.options());
    }

    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                Ort.API.ReleaseSession(session);
                names.values().forEach(Pointer::close);
            }
        } finally {
            use.writeLock().unlock();
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // the caller's
    private List<NativeTensor> run(
            Map<String, NativeTensor> inputs, List<String> outputs, @Nullable OrtRunOptions options)
            throws EngineException {
        use.readLock().lock();
        try (PointerPointer<Pointer> inputNames = new PointerPointer<>(inputs.size());
                PointerPointer<Pointer> values = new PointerPointer<>(inputs.size());
                PointerPointer<Pointer> outputNames = new PointerPointer<>(outputs.size());
                PointerPointer<Pointer> results = new PointerPointer<>(outputs.size())) {
            if (closed) {
                throw new IllegalStateException("the session is closed");
            }
            int at = 0;
            for (Map.Entry<String, NativeTensor> input : inputs.entrySet()) {
                inputNames.put(at, name(input.getKey()));
                values.put(at++, input.getValue().value());
            }
            for (int i = 0; i < outputs.size(); i++) {
                outputNames.put(i, name(outputs.get(i)));
                results.put(i, (Pointer) null); // the engine makes the tensor
            }
            Ort.checkRun(Ort.API.Run(
                    session, options, inputNames, values, inputs.size(), outputNames, outputs.size(), results));
            List<NativeTensor> made = new ArrayList<>(outputs.size());
            for (int i = 0; i < outputs.size(); i++) {
                made.add(NativeTensor.result(results.get(i)));
            }
            return made;
        } finally {
            use.readLock().unlock();
        }
    }

    private BytePointer name(String name) {
        return names.computeIfAbsent(name, text -> new BytePointer(text));
    }
}
