package dev.coppice.adapters.inference;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.NativeTensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a model remembers of the texts that it is reading, in native memory. Not thread-safe; closed by its owner. */
final class Cache implements AutoCloseable {
    private final Map<String, NativeTensor> byInput = new HashMap<>();

    private Cache() {}

    /** Before anything is read. For a model without memory this is, and stays, nothing. */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed here if it fails, else with the cache
    static Cache empty(Ports ports, int batch) throws EngineException {
        Cache cache = new Cache();
        boolean done = false;
        try {
            for (CachePort port : ports.caches()) {
                cache.byInput.put(port.input(), NativeTensor.empty(port.element(), port.emptyShape(batch)));
            }
            done = true;
            return cache;
        } finally {
            if (!done) {
                cache.close();
            }
        }
    }

    /** What is fed to a run, by the names of inputs. */
    Map<String, NativeTensor> byInput() {
        return byInput;
    }

    /** Takes over what a run gave, in the order of the ports, for the next run; nothing is copied. */
    void replace(List<CachePort> ports, List<NativeTensor> present) {
        for (int i = 0; i < ports.size(); i++) {
            NativeTensor past = byInput.put(ports.get(i).input(), present.get(i));
            if (past != null) {
                past.close();
            }
        }
    }

    @Override
    public void close() {
        byInput.values().forEach(NativeTensor::close);
        byInput.clear();
    }
}
