package dev.coppice.agent;

import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import dev.coppice.agent.checkin.Reason;
import dev.coppice.agent.checkin.StayOutException;
import dev.coppice.agent.upload.Blobs;
import dev.coppice.agent.upload.ServerRefusedException;
import dev.coppice.agent.upload.Wire;
import java.io.IOException;
import java.util.Optional;

/** The adapters that rounds train from; the latest is kept in memory. Safe to look at from any thread. */
final class Candidates {
    private static final int HEADER_BYTES_MAX = 1 << 20;

    private final ParameterLayout layout;
    private volatile Optional<Candidate> latest = Optional.empty();

    private record Candidate(String sha256, AdapterWeights weights) {}

    Candidates(ParameterLayout layout) {
        this.layout = layout;
    }

    /** The adapter of the latest round that was joined or looked at. */
    Optional<AdapterWeights> latest() {
        return latest.map(Candidate::weights);
    }

    /** The adapter with this hash, from memory or from the aggregator; every tensor's name and shape is checked. */
    AdapterWeights fetch(Wire wire, String sha256)
            throws IOException, InterruptedException, ServerRefusedException, StayOutException {
        Optional<Candidate> known =
                latest.filter(candidate -> candidate.sha256().equals(sha256));
        if (known.isPresent()) {
            return known.get().weights();
        }
        int bytesMax = Math.addExact(HEADER_BYTES_MAX, Math.multiplyExact(layout.count(), Float.BYTES));
        try {
            AdapterWeights weights = Safetensors.read(Blobs.fetch(wire, sha256, bytesMax), layout);
            latest = Optional.of(new Candidate(sha256, weights));
            return weights;
        } catch (Blobs.WrongBlobException | FormatRefusedException e) {
            throw new StayOutException(Reason.CANDIDATE_REFUSED, "the adapter to start from: " + e.getMessage());
        }
    }
}
