package dev.coppice.agent.store;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The rounds in which this device has given away shares of others' secrets. A round is in here, on the disk, before the
 * message leaves: however the device ends, it never gives a second one. Use on one thread.
 */
public final class Releases implements AutoCloseable {
    private static final int RECORD_BYTES_MAX = 256;

    private final RecordLog log;
    private final Set<String> rounds = new HashSet<>();

    private Releases(RecordLog log) {
        this.log = log;
    }

    /**
     * Opens the list, or starts one.
     *
     * @param key of the home; stays the caller's
     * @throws StoreBrokenException if it is damaged in a way that no crash explains
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // the journal is closed with the list, or by itself if a record is none
    public static Releases open(Path file, StorageKey key) throws IOException {
        Journal journal = Journal.open(file, RECORD_BYTES_MAX, key);
        Releases releases = new Releases(journal);
        releases.rounds.addAll(journal.takeRecords(Frames::text));
        return releases;
    }

    /**
     * A list whose records are kept elsewhere than in a home of its own.
     *
     * @param log where the next records go; closed with the list
     * @param records all that were ever appended to it
     * @throws IOException if one of them is no round's name
     */
    @MustBeClosed
    public static Releases over(RecordLog log, List<byte[]> records) throws IOException {
        Releases releases = new Releases(log);
        try {
            for (byte[] record : records) {
                releases.rounds.add(Frames.text(record));
            }
        } catch (Frames.MalformedException e) {
            throw new IOException("not a list of rounds: " + e.what());
        }
        return releases;
    }

    /** Whether shares were given away in the round, or may have been. */
    public boolean contains(String roundId) {
        return rounds.contains(roundId);
    }

    /**
     * Notes, durably, that shares are given away in a round. Only after this returned may they leave.
     *
     * @throws IllegalStateException if it was noted before: nobody enters a round twice
     */
    public void remember(String roundId) throws IOException {
        if (contains(roundId)) {
            throw new IllegalStateException("Shares were given away in this round before");
        }
        log.append(List.of(Frames.utf8(roundId)));
        rounds.add(roundId);
    }

    @Override
    public void close() throws IOException {
        log.close();
    }
}
