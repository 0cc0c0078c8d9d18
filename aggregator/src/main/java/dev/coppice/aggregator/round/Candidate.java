package dev.coppice.aggregator.round;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.aggregator.store.BlobStore;
import dev.coppice.aggregator.store.StoredTask;
import java.io.IOException;

/** The adapter that a task's next round starts from. */
final class Candidate {
    private Candidate() {}

    static AdapterWeights of(StoredTask task, BlobStore blobs) throws IOException {
        try {
            return Safetensors.read(blobs.read(task.candidateSha256()));
        } catch (FormatRefusedException e) {
            throw new IOException("The candidate of task " + task.id() + " is no adapter", e);
        }
    }
}
