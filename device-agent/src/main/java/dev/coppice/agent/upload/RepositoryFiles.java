package dev.coppice.agent.upload;

import dev.coppice.crypto.trust.Fetcher;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Files of the aggregator's repository of skill packs, or of its transparency log. For one thread at a time. */
public final class RepositoryFiles implements Fetcher {
    private static final int NOT_FOUND = 404;

    private final Wire wire;
    private final String folder;

    private RepositoryFiles(Wire wire, String folder) {
        this.wire = wire;
        this.folder = folder;
    }

    /** Metadata and targets. */
    public static RepositoryFiles repository(Wire wire) {
        return new RepositoryFiles(wire, "/v1/repository/");
    }

    /** Checkpoint and tiles. */
    public static RepositoryFiles log(Wire wire) {
        return new RepositoryFiles(wire, "/v1/log/");
    }

    @Override
    public Optional<byte[]> find(String path, long bytesMax) throws IOException, InterruptedException {
        int most = Math.toIntExact(bytesMax);
        GatheredReply reply = new GatheredReply();
        try {
            wire.fetch(
                    () -> new Transport.Fetch(folder + path, Map.of("Accept-Encoding", GatheredReply.ENCODING), most),
                    reply);
            return Optional.of(reply.content(most));
        } catch (ServerRefusedException e) {
            if (e.status() == NOT_FOUND) {
                return Optional.empty();
            }
            throw new UnreachableException("the aggregator answered " + e.status() + " to " + path, e);
        } catch (IOException e) {
            throw new UnreachableException(String.valueOf(e.getMessage()), e);
        }
    }
}
