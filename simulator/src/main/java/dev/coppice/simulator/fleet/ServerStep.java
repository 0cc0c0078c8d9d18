package dev.coppice.simulator.fleet;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.aggregator.round.NextCandidate;
import dev.coppice.aggregator.round.UselessException;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.StoredTask;
import dev.coppice.protocol.round.RoundTerms;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalDouble;

/** What the aggregator makes of a mean, where there were no masks to take off. */
final class ServerStep {
    private final BlobStore blobs;

    ServerStep(BlobStore blobs) {
        this.blobs = blobs;
    }

    /**
     * The task after a round.
     *
     * @param before what the round started from
     * @param mean of the updates
     * @param within part of the devices whose update was within the clip norm, where they tell
     * @return empty if what comes out is not finite
     */
    Optional<StoredTask> after(
            StoredTask task, RoundTerms terms, AdapterWeights before, float[] mean, OptionalDouble within)
            throws IOException {
        try {
            NextCandidate next = NextCandidate.of(task, terms, before, mean, within);
            return Optional.of(
                    task.merged(blobs.put(Safetensors.write(next.weights())), next.optimizerState(), next.template()));
        } catch (UselessException e) {
            return Optional.empty();
        }
    }
}
