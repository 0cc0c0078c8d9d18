package dev.coppice.agent.upload;

import dev.coppice.crypto.trust.Fetcher;
import java.io.IOException;
import java.util.Optional;

/** Files of the aggregator's repository of skill packs. For one thread at a time. */
public final class RepositoryFiles implements Fetcher {
    private static final int NOT_FOUND = 404;

    private final Wire wire;

    public RepositoryFiles(Wire wire) {
        this.wire = wire;
    }

    @Override
    public Optional<byte[]> find(String path, long bytesMax) throws IOException, InterruptedException {
        try {
            return Optional.of(wire.get("/v1/repository/" + path, Math.toIntExact(bytesMax))
                    .toByteArray());
        } catch (ServerRefusedException e) {
            if (e.status() == NOT_FOUND) {
                return Optional.empty();
            }
            throw new IOException("the aggregator answered " + e.status() + " to " + path, e);
        }
    }
}
