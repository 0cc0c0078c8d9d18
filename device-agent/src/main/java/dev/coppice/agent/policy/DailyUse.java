package dev.coppice.agent.policy;

import dev.coppice.agent.store.StateFile;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Optional;

/**
 * What the device has used today, on disk. A clock that is set back does not begin a day anew. Thread-safe.
 */
public final class DailyUse {
    private static final int BYTES = 3 * Long.BYTES + Integer.BYTES;

    private final StateFile state;
    private long epochDay;
    private DailyAmount used;

    private DailyUse(StateFile state, long epochDay, DailyAmount used) {
        this.state = state;
        this.epochDay = epochDay;
        this.used = used;
    }

    /**
     * Opens what is kept in a home.
     *
     * @param key of the home; stays the caller's
     * @throws StoreBrokenException if the file is none of these
     */
    public static DailyUse open(Path home, StorageKey key) throws IOException {
        Path file = home.resolve("usage");
        StateFile state = new StateFile(file, BYTES, key);
        Optional<byte[]> stored = state.read();
        if (stored.isEmpty()) {
            return new DailyUse(state, Long.MIN_VALUE, DailyAmount.NOTHING);
        }
        ByteBuffer bytes = ByteBuffer.wrap(stored.get());
        try {
            if (bytes.remaining() == BYTES) {
                long day = bytes.getLong();
                Duration work = Duration.ofMillis(bytes.getLong());
                return new DailyUse(state, day, new DailyAmount(work, bytes.getLong(), bytes.getInt()));
            }
        } catch (IllegalArgumentException e) {
            // less than nothing: as bad as a wrong length
        }
        throw new StoreBrokenException(file, "it is no account of a day's use");
    }

    /** What was used up to now on a day. */
    public synchronized DailyAmount of(LocalDate day) {
        return day.toEpochDay() > epochDay ? DailyAmount.NOTHING : used;
    }

    /** Adds to a day's use, durably. */
    public synchronized void add(LocalDate day, Duration work, long bytes, int participations) throws IOException {
        DailyAmount before = of(day);
        DailyAmount after = new DailyAmount(
                before.work().plus(work), before.bytes() + bytes, before.participations() + participations);
        long dayAfter = Math.max(day.toEpochDay(), epochDay);
        state.write(ByteBuffer.allocate(BYTES)
                .putLong(dayAfter)
                .putLong(after.work().toMillis())
                .putLong(after.bytes())
                .putInt(after.participations())
                .array());
        epochDay = dayAfter;
        used = after;
    }
}
