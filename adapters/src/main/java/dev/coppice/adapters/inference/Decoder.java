package dev.coppice.adapters.inference;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.adapters.runtime.Cancellation;
import dev.coppice.adapters.runtime.EngineException;
import dev.coppice.adapters.runtime.NativeTensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One text on its way through a model, read piece by piece. A model without memory is given the whole text each time.
 * Not thread-safe.
 */
final class Decoder implements AutoCloseable {
    private final AdaptedSession session;
    private final Map<String, NativeTensor> adapters;
    private final Cancellation cancellation;
    private final List<CachePort> ports;
    private final List<String> outputs = new ArrayList<>(List.of(Purpose.NEXT));
    private final Cache cache;
    private int[] text = new int[0];

    /**
     * @param session opened to generate
     * @param stack stays the caller's, and open as long as this
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // closed with this
    Decoder(AdaptedSession session, AdapterStack stack, Cancellation cancellation) throws EngineException {
        this.session = session;
        this.adapters = session.places().filled(stack);
        this.cancellation = cancellation;
        this.ports = session.ports().caches();
        ports.forEach(port -> outputs.add(port.output()));
        this.cache = Cache.empty(session.ports(), 1);
    }

    /** Logits of the token that follows everything read so far and these tokens, of which there is at least one. */
    float[] read(int... tokens) throws EngineException {
        int before = text.length;
        int[] longer = Arrays.copyOf(text, before + tokens.length);
        System.arraycopy(tokens, 0, longer, before, tokens.length);
        boolean remembers = !ports.isEmpty();
        List<int[]> row = List.of(remembers ? tokens : longer);
        try (TextInputs inputs = TextInputs.of(session.ports(), row, 0, remembers ? before : 0)) {
            Map<String, NativeTensor> fed = new HashMap<>(adapters);
            fed.putAll(inputs.byInput());
            fed.putAll(cache.byInput());
            List<NativeTensor> results = session.session().run(fed, outputs, cancellation);
            cache.replace(ports, results.subList(1, results.size()));
            text = longer;
            try (NativeTensor logits = results.get(0)) {
                return logits.toFloats();
            }
        }
    }

    @Override
    public void close() {
        cache.close();
    }
}
