package dev.coppice.agent.store;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.crypto.privacy.PeriodBudget;
import dev.coppice.crypto.privacy.PrivacyLedger;
import dev.coppice.crypto.privacy.PrivacyLedger.Statement;
import dev.coppice.crypto.privacy.PrivacyLedger.Total;
import dev.coppice.crypto.sealing.StorageKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The privacy this device has spent, over all skills. A charge is on the disk before any part of the update leaves, and
 * is never refunded: whether an update that may have left was of use makes no difference to its owner.
 *
 * <p>Guarantee: what left this device in sums within any stretch of time of the budget's period is together (epsilon,
 * delta)-differentially private as the budget says, on the assumption that each sum had at least the honest devices its
 * terms promise, that this folder was not copied, and that neither the device's clock nor the aggregator's, whichever is
 * behind, runs ahead of the time. A clock that is set back frees nothing. Where the folder was set back to an older copy,
 * {@link #learn} makes good what the aggregator still knows. Thread-safe.
 */
public final class Ledger implements AutoCloseable {
    private static final String FILE = "ledger";

    private final RecordLog log;
    private final Optional<Own> own;
    private final Set<String> entered = new HashSet<>();
    private final Set<String> charged = new HashSet<>();
    private final PrivacyLedger together = new PrivacyLedger();
    private final SortedMap<String, PrivacyLedger> bySkill = new TreeMap<>();
    private final Map<String, Total> byDeviceId = new HashMap<>();

    private Ledger(RecordLog log, Optional<Own> own, List<LedgerRecord> records) {
        this.log = log;
        this.own = own;
        records.forEach(this::apply);
    }

    /**
     * Opens the ledger of a home, or starts one.
     *
     * @param home a folder that the caller has locked
     * @param key of the home; stays the caller's
     * @throws StoreBrokenException if it is damaged in a way that no crash explains; no round may be entered then
     */
    @MustBeClosed
    public static Ledger open(Path home, StorageKey key) throws IOException {
        return open(home, key, Optional.empty());
    }

    /**
     * Opens a ledger that several agents of one device share, or starts one.
     *
     * @param folder of the ledger alone; made, and closed to other users, if absent
     * @param vault where the folder's key lives
     * @throws HomeInUseException if it is open already
     * @throws StoreBrokenException if it is damaged in a way that no crash explains; no round may be entered then
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // the lock is freed with the ledger, or here if that fails
    public static Ledger openShared(Path folder, KeyVault vault) throws IOException {
        HomeLock lock = HomeLock.take(folder);
        try {
            StorageKey key = HomeKey.open(folder, vault);
            try {
                return open(folder, key, Optional.of(new Own(lock, key)));
            } catch (IOException e) {
                key.close();
                throw e;
            }
        } catch (IOException e) {
            lock.close();
            throw e;
        }
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // the journal is closed with the ledger, or by itself if a record is none
    private static Ledger open(Path folder, StorageKey key, Optional<Own> own) throws IOException {
        Journal journal = Journal.open(folder.resolve(FILE), LedgerRecord.BYTES_MAX, key);
        return new Ledger(journal, own, journal.takeRecords(LedgerRecord::of));
    }

    /**
     * A ledger whose records are kept elsewhere than in a home of its own.
     *
     * @param log where the next records go; closed with the ledger
     * @param records all that were ever appended to it, in their order
     * @throws IOException if one of them is no record of a ledger
     */
    @MustBeClosed
    public static Ledger over(RecordLog log, List<byte[]> records) throws IOException {
        List<LedgerRecord> decoded = new ArrayList<>();
        try {
            for (byte[] record : records) {
                decoded.add(LedgerRecord.of(record));
            }
        } catch (Frames.MalformedException e) {
            throw new IOException("not a ledger: " + e.what());
        }
        return new Ledger(log, Optional.empty(), decoded);
    }

    /** Whether this device entered the round before. */
    public synchronized boolean hasEntered(String roundId) {
        return entered.contains(roundId);
    }

    /** Whether this device's update of the round was charged. */
    public synchronized boolean hasCharged(String roundId) {
        return charged.contains(roundId);
    }

    /**
     * Notes, durably, that the device enters a round, so that it never does again.
     *
     * @throws LedgerRefusedException.AlreadyEntered if it did before
     */
    public synchronized void enter(String roundId) throws IOException, LedgerRefusedException {
        if (hasEntered(roundId)) {
            throw new LedgerRefusedException.AlreadyEntered(roundId);
        }
        append(LedgerRecord.entered(roundId));
    }

    /**
     * Charges a round, durably. Only after this returned may the masked update leave.
     *
     * @param budget the device's own
     * @param now by the device's clock
     * @return what the sending of a masked update asks for
     * @throws LedgerRefusedException if the round was charged before, or the budget would be overrun
     */
    public synchronized Receipt charge(Spending spending, PeriodBudget budget, Instant now)
            throws IOException, LedgerRefusedException {
        if (hasCharged(spending.roundId())) {
            throw new LedgerRefusedException.AlreadyCharged(spending.roundId());
        }
        affords(spending, budget, now);
        append(LedgerRecord.charged(spending, dated(now)));
        return new Receipt(spending.roundId());
    }

    /**
     * Checks that a charge would fit in the budget, without charging it.
     *
     * @param now by the device's clock
     * @throws LedgerRefusedException.OverBudget if it would not
     */
    public synchronized void affords(Spending spending, PeriodBudget budget, Instant now)
            throws LedgerRefusedException {
        Statement statement = together.statement(budget, spending.judgedAt(now));
        if (!statement.affords(spending.charge())) {
            throw new LedgerRefusedException.OverBudget(statement);
        }
    }

    /**
     * Takes over what an aggregator knows that this ledger does not, durably: it counts as spent now. Nothing that an
     * aggregator says makes this device's spending any less.
     *
     * @param deviceId what the aggregator calls this device
     * @param known of this device's rounds there
     * @return whether anything was new
     */
    public synchronized boolean learn(String deviceId, Total known, Instant now) throws IOException {
        Total missed = of(deviceId).plus(of("")).missing(known);
        if (missed.equals(Total.NOTHING)) {
            return false;
        }
        append(LedgerRecord.told(deviceId, missed, dated(now)));
        return true;
    }

    /**
     * What this device has spent.
     *
     * @param now by the device's clock
     */
    public synchronized LedgerStatement statement(PeriodBudget budget, Instant now) {
        Instant moment = together.moment(now);
        SortedMap<String, Statement> skills = new TreeMap<>();
        bySkill.forEach((skill, ledger) -> skills.put(skill, ledger.statement(budget, moment)));
        return new LedgerStatement(together.statement(budget, moment), skills);
    }

    /** What this device has spent in its life. */
    public synchronized Total ever() {
        return together.ever();
    }

    @Override
    public synchronized void close() throws IOException {
        log.close();
        if (own.isPresent()) {
            own.get().key().close();
            own.get().lock().close();
        }
    }

    /** What a shared ledger has to itself. */
    private record Own(HomeLock lock, StorageKey key) {}

    /** Proof that a round's charge is on the disk. Only {@link #charge} gives one. */
    public static final class Receipt {
        private final String roundId;

        private Receipt(String roundId) {
            this.roundId = roundId;
        }

        /** The round that was charged. */
        public String roundId() {
            return roundId;
        }
    }

    /** On disk first; and then exactly what a restart would read. */
    private void append(byte[] record) throws IOException {
        log.append(List.of(record));
        try {
            apply(LedgerRecord.of(record));
        } catch (Frames.MalformedException e) {
            throw new IllegalStateException("the ledger cannot read what it wrote", e);
        }
    }

    private void apply(LedgerRecord record) {
        switch (record.kind()) {
            case ENTERED -> entered.add(record.roundId());
            case CHARGED -> {
                charged.add(record.roundId());
                spend(record);
            }
            case TOLD -> spend(record);
        }
    }

    private void spend(LedgerRecord record) {
        Instant when = together.moment(record.when());
        together.add(when, record.spent());
        bySkill.computeIfAbsent(record.skill(), skill -> new PrivacyLedger()).add(when, record.spent());
        byDeviceId.merge(record.deviceId(), record.spent(), Total::plus);
    }

    private Total of(String deviceId) {
        return byDeviceId.getOrDefault(deviceId, Total.NOTHING);
    }

    /** Whole milliseconds, as they are kept, and not before {@code now}: a charge leaves its period late if anything. */
    private static Instant dated(Instant now) {
        return Instant.ofEpochMilli(now.plusNanos(999_999).toEpochMilli());
    }
}
