package dev.coppice.agent.install;

import dev.coppice.agent.store.Frames;
import dev.coppice.crypto.Sha256;
import dev.coppice.crypto.transparency.Checkpoint;
import dev.coppice.crypto.transparency.LogKey;
import dev.coppice.crypto.transparency.LogReader;
import dev.coppice.crypto.transparency.LogRefusedException;
import dev.coppice.crypto.trust.Fetcher;
import dev.coppice.crypto.trust.MetadataRefusedException;
import dev.coppice.crypto.trust.MetadataStore;
import dev.coppice.crypto.trust.ReleasedPack;
import dev.coppice.crypto.trust.RepositoryView;
import dev.coppice.crypto.trust.TargetFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Sees to it that a pack is in the transparency log whose key release keys vouch for, and that the log still begins with all
 * that this device saw of it before. For one thread at a time.
 */
public final class LogWitness {
    private static final int POSITION_CHARACTERS_MAX = 20;

    private final Fetcher fetcher;
    private final MetadataStore kept;

    /**
     * @param fetcher of {@code checkpoint}, tiles and {@code position/<sha256>}
     * @param kept has the last checkpoint of each log
     */
    public LogWitness(Fetcher fetcher, MetadataStore kept) {
        this.fetcher = fetcher;
        this.kept = kept;
    }

    /**
     * Checks, and remembers what it saw.
     *
     * @throws LogRefusedException if the pack is not in the log, or the log does not continue what was seen
     * @throws MetadataRefusedException if release keys vouch for no log
     */
    public void requireLogged(RepositoryView view, ReleasedPack pack)
            throws LogRefusedException, MetadataRefusedException, IOException, InterruptedException {
        LogKey key = key(view);
        LogReader reader = new LogReader(fetcher, key);
        String name = "log-" + Sha256.hex(key.text().getBytes(StandardCharsets.UTF_8));
        Checkpoint latest = reader.latest(decode(kept.find(name)));
        kept.keep(name, encode(latest));
        reader.requireEntry(latest, pack.logEntry(), position(pack.logEntry()));
    }

    private static LogKey key(RepositoryView view)
            throws LogRefusedException, MetadataRefusedException, IOException, InterruptedException {
        for (TargetFile file : view.released()) {
            if (file.path().equals(LogKey.TARGET) && file.length() <= LogKey.TEXT_MAX) {
                return LogKey.parse(new String(view.download(file), StandardCharsets.US_ASCII));
            }
        }
        throw new LogRefusedException("release keys vouch for no transparency log");
    }

    /** By the server's word; -1 if it has none. */
    private long position(String entry) throws IOException, InterruptedException {
        String hash = Sha256.hex(entry.getBytes(StandardCharsets.UTF_8));
        Optional<byte[]> said = fetcher.find("position/" + hash, POSITION_CHARACTERS_MAX);
        try {
            return said.isEmpty() ? -1 : Long.parseLong(new String(said.get(), StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private static byte[] encode(Checkpoint checkpoint) {
        return Frames.join(List.of(
                ByteBuffer.allocate(Long.BYTES).putLong(checkpoint.size()).array(), Frames.utf8(checkpoint.rootHex())));
    }

    private static Optional<Checkpoint> decode(Optional<byte[]> bytes) {
        if (bytes.isEmpty()) {
            return Optional.empty();
        }
        try {
            List<byte[]> parts = Frames.split(bytes.get());
            return Optional.of(new Checkpoint(ByteBuffer.wrap(parts.get(0)).getLong(), Frames.text(parts.get(1))));
        } catch (Frames.MalformedException e) {
            throw new IllegalStateException("written by encode, and guarded by the store", e);
        }
    }
}
