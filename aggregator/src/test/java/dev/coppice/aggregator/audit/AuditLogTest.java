package dev.coppice.aggregator.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.coppice.aggregator.store.AuditStore;
import dev.coppice.aggregator.store.AuditStore.AuditEntry;
import dev.coppice.aggregator.store.memory.MemoryStore;
import dev.coppice.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AuditLogTest {
    private static final int ENTRIES = 5;

    private final MemoryStore store = new MemoryStore();
    private final AuditLog log = new AuditLog(store, () -> Instant.parse("2026-01-02T03:04:05.678Z"));

    @BeforeEach
    void write() {
        for (int i = 0; i < ENTRIES; i++) {
            log.record("ann", "asks", "thing " + i);
        }
    }

    @Test
    void whatIsWrittenIsThereInOrderAndWhole() {
        assertThat(log.entries(0, 10))
                .extracting(AuditEntry::detail)
                .containsExactly("thing 0", "thing 1", "thing 2", "thing 3", "thing 4");
        assertThat(log.newest(2)).extracting(AuditEntry::detail).containsExactly("thing 4", "thing 3");
        assertThat(log.findBroken()).isEmpty();
    }

    @Test
    void aChangedEntryIsNoticedWhateverWasChanged() {
        List<UnaryOperator<AuditEntry>> changes = List.of(
                e -> new AuditEntry(e.position(), e.at().plusMillis(1), e.actor(), e.action(), e.detail(), e.sha256()),
                e -> new AuditEntry(e.position(), e.at(), "bob", e.action(), e.detail(), e.sha256()),
                e -> new AuditEntry(e.position(), e.at(), e.actor(), "halts", e.detail(), e.sha256()),
                e -> new AuditEntry(e.position(), e.at(), e.actor(), e.action(), "nothing", e.sha256()),
                e -> new AuditEntry(
                        e.position(), e.at(), e.actor() + "a", e.action().substring(1), e.detail(), e.sha256()),
                e -> new AuditEntry(e.position(), e.at(), e.actor(), e.action(), e.detail(), "0".repeat(64)));
        for (UnaryOperator<AuditEntry> change : changes) {
            assertThat(broken(2, change)).isEqualTo(2);
        }
    }

    /** With its hash made anew, so that it looks right by itself. */
    @Test
    void aRewrittenEntryIsNoticedByTheOneAfterIt() {
        MemoryStore forged = new MemoryStore();
        log.entries(0, 2).forEach(forged::addAudit);
        AuditEntry rewritten = new AuditLog(forged, () -> Instant.EPOCH).record("ann", "asks", "nothing");
        assertThat(broken(2, entry -> rewritten)).isEqualTo(3);
    }

    @Test
    void anEntryThatIsTakenOutIsNoticed() {
        List<AuditEntry> entries = new ArrayList<>(log.entries(0, ENTRIES));
        entries.remove(1);
        assertThat(new AuditLog(filled(entries), Instant::now).findBroken()).hasValue(1);
    }

    @Test
    void entriesOfManyThreadsFormOneChain() throws Exception {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 50; i++) {
                int number = i;
                threads.execute(() -> log.record("thread " + number, "asks", ""));
            }
        }
        assertThat(log.entries(0, 100)).hasSize(ENTRIES + 50);
        assertThat(log.findBroken()).isEmpty();
    }

    /** A store that counts what it reads, and shows changed entries from some time on. */
    private static final class Watched implements AuditStore {
        private final MemoryStore entries = new MemoryStore();
        private int read;
        private boolean isChanged;

        @Override
        public boolean addAudit(AuditEntry entry) {
            return entries.addAudit(entry);
        }

        @Override
        public Optional<AuditEntry> findLastAudit() {
            return entries.findLastAudit();
        }

        @Override
        public List<AuditEntry> audit(long from, int max) {
            List<AuditEntry> found = entries.audit(from, max);
            read += found.size();
            return found.stream()
                    .map(e -> isChanged
                            ? new AuditEntry(e.position(), e.at(), "bob", e.action(), e.detail(), e.sha256())
                            : e)
                    .toList();
        }
    }

    @Test
    void whatWasCheckedIsCheckedAgainOnlyAfterAnHour() {
        Watched watched = new Watched();
        ManualClock clock = ManualClock.atNewYear();
        AuditLog kept = new AuditLog(watched, clock);
        for (int i = 0; i < 10; i++) {
            kept.record("ann", "asks", "");
        }
        assertThat(kept.findBroken()).isEmpty();
        watched.read = 0;
        kept.record("ann", "asks", "once more");
        assertThat(kept.findBroken()).isEmpty();
        assertThat(watched.read).as("what is new").isEqualTo(1);
        watched.isChanged = true;
        kept.record("ann", "asks", "once more");
        assertThat(kept.findBroken()).as("a new entry").hasValue(11);
        clock.advance(Duration.ofHours(1));
        assertThat(kept.findBroken()).as("an old one").hasValue(0);
    }

    private long broken(int position, UnaryOperator<AuditEntry> change) {
        List<AuditEntry> entries = new ArrayList<>(log.entries(0, ENTRIES));
        entries.set(position, change.apply(entries.get(position)));
        return new AuditLog(filled(entries), Instant::now).findBroken().orElse(-1);
    }

    /** Positions as a database would show them that lost or changed a row. */
    private static MemoryStore filled(List<AuditEntry> entries) {
        MemoryStore other = new MemoryStore();
        for (int i = 0; i < entries.size(); i++) {
            AuditEntry e = entries.get(i);
            other.addAudit(new AuditEntry(i, e.at(), e.actor(), e.action(), e.detail(), e.sha256()));
        }
        return other;
    }
}
