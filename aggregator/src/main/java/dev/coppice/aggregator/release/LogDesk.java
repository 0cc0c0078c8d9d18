package dev.coppice.aggregator.release;

import dev.coppice.aggregator.store.RepositoryStore;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.transparency.LogKey;
import dev.coppice.crypto.transparency.PackLog;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.TargetFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Optional;
import java.util.OptionalLong;

/** The transparency log of all packs that were ever published. For any number of threads and processes. */
public final class LogDesk {
    private static final int ATTEMPTS_MAX = 1_000;

    private final RepositoryStore store;
    private final PackLog log;

    /** @param log empty: the store has its entries */
    public LogDesk(RepositoryStore store, PackLog log) {
        this.store = store;
        this.log = log;
    }

    /** Whom to believe about it. */
    public LogKey key() {
        return log.key();
    }

    /** Adds the packs among these files that are not in it yet. */
    void add(Collection<TargetFile> released) throws IOException {
        for (ReleasedPack pack : ReleasedPack.among(released)) {
            add(pack.logEntry());
        }
    }

    /** A file of the log by its path. */
    public Optional<byte[]> find(String path) {
        catchUp();
        return log.find(path);
    }

    /** Where an entry is, by its SHA-256. */
    public OptionalLong position(String entrySha256) {
        catchUp();
        return log.position(entrySha256);
    }

    private void add(String entry) throws IOException {
        String hash = Sha256.hex(entry.getBytes(StandardCharsets.UTF_8));
        for (int attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
            catchUp();
            if (log.position(hash).isPresent() || store.addLogEntry(log.size(), entry)) {
                return;
            }
        }
        throw new IOException("Others added to the log without end");
    }

    /** Takes over what other processes, or this one, have added. */
    private synchronized void catchUp() {
        store.logEntries(log.size()).forEach(log::add);
    }
}
