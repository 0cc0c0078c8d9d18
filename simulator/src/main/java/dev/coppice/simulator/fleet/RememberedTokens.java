package dev.coppice.simulator.fleet;

import dev.coppice.adapters.text.TokenSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The tokens of texts that a fleet's devices train on again and again, and that the simulation holds anyway. When there are too
 * many, all are forgotten. For any number of threads.
 */
final class RememberedTokens implements TokenSource {
    private final TokenSource real;
    private final long most;
    private final Map<String, int[]> remembered = new ConcurrentHashMap<>();
    private final AtomicLong tokens = new AtomicLong();

    /** @param most tokens that are remembered, of four bytes each */
    RememberedTokens(TokenSource real, long most) {
        this.real = real;
        this.most = most;
    }

    @Override
    public int[] encode(String text) {
        int[] known = remembered.get(text);
        return known == null ? remember(text, real.encode(text)) : known.clone();
    }

    private int[] remember(String text, int[] ids) {
        if (tokens.addAndGet(ids.length + 1L) > most) {
            remembered.clear();
            tokens.set(0);
        }
        remembered.put(text, ids.clone());
        return ids;
    }
}
