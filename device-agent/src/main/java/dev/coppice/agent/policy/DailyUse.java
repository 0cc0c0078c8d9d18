package dev.coppice.agent.policy;

import dev.coppice.agent.store.DailyCounts;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;

/** What the device has used today, on disk. A clock that is set back does not begin a day anew. Thread-safe. */
public final class DailyUse {
    private final DailyCounts counts;

    private DailyUse(DailyCounts counts) {
        this.counts = counts;
    }

    /**
     * Opens what is kept in a home.
     *
     * @param key of the home; stays the caller's
     * @throws StoreBrokenException if the file is none of these
     */
    public static DailyUse open(Path home, StorageKey key) throws IOException {
        return new DailyUse(DailyCounts.open(home.resolve("usage"), 3, key));
    }

    /** What was used up to now on a day. */
    public DailyAmount of(LocalDate day) {
        List<Long> used = counts.of(day);
        return new DailyAmount(Duration.ofMillis(used.get(0)), used.get(1), Math.toIntExact(used.get(2)));
    }

    /** Adds to a day's use, durably. */
    public void add(LocalDate day, Duration work, long bytes, int participations) throws IOException {
        counts.add(day, work.toMillis(), bytes, participations);
    }
}
