package dev.coppice.aggregator.observe;

import dev.coppice.aggregator.round.Signals;
import io.micronaut.runtime.graceful.GracefulShutdownCapable;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Lets those go who wait, as soon as the process is told to stop, so that their requests can be finished. */
@Singleton
final class Draining implements GracefulShutdownCapable {
    private final Signals signals;

    Draining(Signals signals) {
        this.signals = signals;
    }

    @Override
    public CompletionStage<?> shutdownGracefully() {
        signals.close();
        return CompletableFuture.completedStage(null);
    }
}
