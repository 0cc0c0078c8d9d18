package dev.coppice.agent.escalation;

import dev.coppice.agent.store.StateFile;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * How many questions left the device on one day (UTC), on disk before each does, so that no restart begins anew; nor does
 * a clock that is set back. Thread-safe.
 */
public final class QuestionBudget {
    private static final int BYTES = Long.BYTES + Integer.BYTES;

    private final StateFile state;
    private long epochDay;
    private int asked;

    private QuestionBudget(StateFile state, long epochDay, int asked) {
        this.state = state;
        this.epochDay = epochDay;
        this.asked = asked;
    }

    /**
     * Opens what is kept in a home.
     *
     * @param key of the home; stays the caller's
     * @throws StoreBrokenException if the file is none of these
     */
    public static QuestionBudget open(Path home, StorageKey key) throws IOException {
        Path file = home.resolve("questions");
        StateFile state = new StateFile(file, BYTES, key);
        Optional<byte[]> stored = state.read();
        if (stored.isEmpty()) {
            return new QuestionBudget(state, Long.MIN_VALUE, 0);
        }
        ByteBuffer bytes = ByteBuffer.wrap(stored.get());
        if (bytes.remaining() == BYTES) {
            QuestionBudget kept = new QuestionBudget(state, bytes.getLong(), bytes.getInt());
            if (kept.asked >= 0) {
                return kept;
            }
        }
        throw new StoreBrokenException(file, "it is no count of questions");
    }

    /**
     * Takes one question of a day, durably.
     *
     * @return whether there was one left
     */
    public synchronized boolean take(int aDay, Instant now) throws IOException {
        long today = Math.max(epochDay, now.atZone(ZoneOffset.UTC).toLocalDate().toEpochDay());
        int before = today > epochDay ? 0 : asked;
        if (before >= aDay) {
            return false;
        }
        state.write(ByteBuffer.allocate(BYTES).putLong(today).putInt(before + 1).array());
        epochDay = today;
        asked = before + 1;
        return true;
    }
}
