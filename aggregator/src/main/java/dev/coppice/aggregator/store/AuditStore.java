package dev.coppice.aggregator.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What operators did. It only grows. Every method is one transaction. For any number of threads and processes. */
public interface AuditStore {
    /**
     * One entry.
     *
     * @param position 0 for the first
     * @param at in whole milliseconds
     * @param sha256 of this entry and the hash of the one before it
     */
    record AuditEntry(long position, Instant at, String actor, String action, String detail, String sha256) {}

    /** Adds an entry. @return false, with nothing changed, if there is one at this position */
    boolean addAudit(AuditEntry entry);

    /** The newest entry. */
    Optional<AuditEntry> findLastAudit();

    /** Entries from a position on, ascending, so many at most. */
    List<AuditEntry> audit(long from, int max);
}
