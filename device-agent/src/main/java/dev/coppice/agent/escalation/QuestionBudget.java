package dev.coppice.agent.escalation;

import dev.coppice.agent.store.DailyCounts;
import dev.coppice.agent.store.StoreBrokenException;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/**
 * How many questions left the device on one day (UTC), on disk before each does, so that no restart begins anew; nor does
 * a clock that is set back. Thread-safe.
 */
public final class QuestionBudget {
    private final DailyCounts asked;

    private QuestionBudget(DailyCounts asked) {
        this.asked = asked;
    }

    /**
     * Opens what is kept in a home.
     *
     * @param key of the home; stays the caller's
     * @throws StoreBrokenException if the file is none of these
     */
    public static QuestionBudget open(Path home, StorageKey key) throws IOException {
        return new QuestionBudget(DailyCounts.open(home.resolve("questions"), 1, key));
    }

    /**
     * Takes one question of a day, durably.
     *
     * @return whether there was one left
     */
    public synchronized boolean take(int aDay, Instant now) throws IOException {
        LocalDate today = now.atZone(ZoneOffset.UTC).toLocalDate();
        if (asked.of(today).get(0) >= aDay) {
            return false;
        }
        asked.add(today, 1);
        return true;
    }
}
