package dev.coppice.adapters.runtime;

import java.util.List;

/**
 * How a model is run.
 *
 * @param threads of one run, at least 1; with one, the caller's own thread does all of the work
 * @param providers names of execution providers, the most wanted first, as {@link ExecutionProviders#available} has
 *     them; the first that takes the model runs it, and {@link ExecutionProviders#CPU} if none does
 */
public record SessionSettings(int threads, List<String> providers) {
    public SessionSettings {
        if (threads < 1) {
            throw new IllegalArgumentException("a run has at least one thread");
        }
        providers = List.copyOf(providers);
    }

    /** On the CPU, in so many threads. */
    public static SessionSettings threads(int threads) {
        return new SessionSettings(threads, List.of());
    }
}
