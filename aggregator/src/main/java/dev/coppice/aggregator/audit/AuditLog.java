package dev.coppice.aggregator.audit;

import dev.coppice.aggregator.store.AuditStore;
import dev.coppice.aggregator.store.AuditStore.AuditEntry;
import dev.coppice.crypto.Sha256;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The hash-chained log of what operators did. Who changes an entry, takes one out or puts one in, other than at the end,
 * breaks the chain; who knows a hash from outside notices too if the end is cut off. For any number of threads.
 */
public final class AuditLog {
    private static final int TEXT_MAX = 200;
    private static final int PAGE = 1000;
    private static final String START = "0".repeat(64);

    /** After so long all entries are checked again, also those that were found unchanged before. */
    private static final Duration BELIEVED = Duration.ofHours(1);

    private final AuditStore store;
    private final InstantSource clock;
    private volatile Checked checked = new Checked(0, START, Instant.MIN);

    /**
     * Entries that were found unchanged.
     *
     * @param count from the first on
     * @param sha256 of the last of them
     * @param since when the first of them was checked
     */
    private record Checked(long count, String sha256, Instant since) {}

    public AuditLog(AuditStore store, InstantSource clock) {
        this.store = store;
        this.clock = clock;
    }

    /** Adds an entry, after all that are there. What is longer than 200 characters is cut off. */
    public AuditEntry record(String actor, String action, String detail) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        while (true) {
            Optional<AuditEntry> last = store.findLastAudit();
            AuditEntry next = chained(
                    last.map(AuditEntry::sha256).orElse(START),
                    last.map(AuditEntry::position).orElse(-1L) + 1,
                    now,
                    cut(actor),
                    cut(action),
                    cut(detail));
            if (store.addAudit(next)) {
                return next;
            }
        }
    }

    /** Entries from a position on, ascending, so many at most. */
    public List<AuditEntry> entries(long from, int max) {
        return store.audit(from, max);
    }

    /** The newest entries, newest first. */
    public List<AuditEntry> newest(int max) {
        long end = store.findLastAudit().map(AuditEntry::position).orElse(-1L) + 1;
        return store.audit(Math.max(0, end - max), max).reversed();
    }

    /**
     * The first entry that is not what was written after the one before it; empty if all are. What was checked within the last
     * hour is not checked again, so that looking costs as much as was added.
     */
    public OptionalLong findBroken() {
        Instant now = clock.instant();
        Checked known = checked;
        if (!now.isBefore(known.since().plus(BELIEVED))) {
            known = new Checked(0, START, now);
        }
        String before = known.sha256();
        long position = known.count();
        List<AuditEntry> page = store.audit(position, PAGE);
        while (!page.isEmpty()) {
            for (AuditEntry entry : page) {
                AuditEntry right = chained(before, position, entry.at(), entry.actor(), entry.action(), entry.detail());
                if (!entry.equals(right)) {
                    return OptionalLong.of(position);
                }
                before = entry.sha256();
                position++;
            }
            page = store.audit(position, PAGE);
        }
        checked = new Checked(position, before, known.since());
        return OptionalLong.empty();
    }

    private static AuditEntry chained(
            String before, long position, Instant at, String actor, String action, String detail) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeLong(position);
            out.writeLong(at.toEpochMilli());
            for (String text : List.of(before, actor, action, detail)) {
                byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
                out.writeInt(utf8.length);
                out.write(utf8);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Memory does not fail", e);
        }
        return new AuditEntry(position, at, actor, action, detail, Sha256.hex(bytes.toByteArray()));
    }

    private static String cut(String text) {
        return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX);
    }
}
