package dev.coppice.agent.store;

import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * Some counts of one day, on disk, so that no restart begins them anew; nor does a clock that is set back. Thread-safe.
 */
public final class DailyCounts {
    private final StateFile state;
    private long epochDay;
    private List<Long> counts;

    private DailyCounts(StateFile state, long epochDay, List<Long> counts) {
        this.state = state;
        this.epochDay = epochDay;
        this.counts = counts;
    }

    /**
     * Opens what is kept in a file; all counts are 0 in a new one.
     *
     * @param count how many counts
     * @param key of the home; stays the caller's
     * @throws StoreBrokenException if the file is none of these
     */
    public static DailyCounts open(Path file, int count, StorageKey key) throws IOException {
        int bytesMax = (1 + count) * Long.BYTES;
        StateFile state = new StateFile(file, bytesMax, key);
        Optional<byte[]> stored = state.read();
        if (stored.isEmpty()) {
            return new DailyCounts(state, Long.MIN_VALUE, Collections.nCopies(count, 0L));
        }
        if (stored.get().length == bytesMax) {
            ByteBuffer bytes = ByteBuffer.wrap(stored.get());
            long day = bytes.getLong();
            List<Long> counts = new ArrayList<>();
            while (bytes.hasRemaining()) {
                counts.add(bytes.getLong());
            }
            if (counts.stream().allMatch(kept -> kept >= 0)) {
                return new DailyCounts(state, day, counts);
            }
        }
        throw new StoreBrokenException(file, "it is no account of a day");
    }

    /** The counts up to now of a day. */
    public synchronized List<Long> of(LocalDate day) {
        return day.toEpochDay() > epochDay ? Collections.nCopies(counts.size(), 0L) : counts;
    }

    /**
     * Adds to a day's counts, durably.
     *
     * @param more to each of them, 0 or more
     */
    public synchronized void add(LocalDate day, long... more) throws IOException {
        List<Long> before = of(day);
        if (more.length != before.size()) {
            throw new IllegalArgumentException("there are " + before.size() + " counts");
        }
        long dayAfter = Math.max(day.toEpochDay(), epochDay);
        ByteBuffer bytes = ByteBuffer.allocate((1 + more.length) * Long.BYTES).putLong(dayAfter);
        List<Long> after = new ArrayList<>();
        for (int i = 0; i < more.length; i++) {
            long count = Math.addExact(before.get(i), more[i]);
            bytes.putLong(count);
            after.add(count);
        }
        state.write(bytes.array());
        epochDay = dayAfter;
        counts = after;
    }
}
