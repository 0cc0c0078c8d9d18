package dev.coppice.agent.store;

import com.google.errorprone.annotations.MustBeClosed;
import dev.coppice.crypto.privacy.PrivacyLedger;
import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The privacy this device has spent, over its whole life and all skills. A charge is on the disk before any part of
 * the update leaves, and is never refunded: whether an update that may have left was of use makes no difference to
 * its owner.
 *
 * <p>Guarantee: the updates that ever left this device in a sum are together ({@link #epsilonSpent}, delta)
 * differentially private, on the assumption that each sum had at least the honest devices its terms promise and that
 * this home was not copied or set back. Use on one thread.
 */
public final class Ledger implements AutoCloseable {
    private static final int RECORD_BYTES_MAX = 1024;
    private static final byte ENTERED = 1;
    private static final byte CHARGED = 2;

    private final Journal journal;
    private final double delta;
    private final Set<String> entered = new HashSet<>();
    private final Set<String> charged = new HashSet<>();
    private final List<Charge> charges = new ArrayList<>();

    private Ledger(Journal journal, double delta) {
        this.journal = journal;
        this.delta = delta;
    }

    /**
     * Opens the ledger, or starts one.
     *
     * @param delta that epsilon is stated for, above 0 and below 1
     * @throws StoreBrokenException if it is damaged in a way that no crash explains; no round may be entered then
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosed") // the journal is closed with the ledger, or here if that fails
    public static Ledger open(Path file, double delta) throws IOException {
        Journal journal = Journal.open(file, RECORD_BYTES_MAX);
        try {
            Ledger ledger = new Ledger(journal, delta);
            for (byte[] record : journal.takeRecords()) {
                ledger.replay(record);
            }
            return ledger;
        } catch (Frames.MalformedException e) {
            journal.close();
            throw new StoreBrokenException(file, e.what());
        }
    }

    /** Whether this device entered the round before. */
    public boolean hasEntered(String roundId) {
        return entered.contains(roundId);
    }

    /** Whether this device's update of the round was charged. */
    public boolean hasCharged(String roundId) {
        return charged.contains(roundId);
    }

    /**
     * Notes, durably, that the device enters a round, so that it never does again.
     *
     * @throws LedgerRefusedException.AlreadyEntered if it did before
     */
    public void enter(String roundId) throws IOException, LedgerRefusedException {
        if (hasEntered(roundId)) {
            throw new LedgerRefusedException.AlreadyEntered(roundId);
        }
        journal.append(List.of(Frames.join(List.of(new byte[] {ENTERED}, Frames.utf8(roundId)))));
        entered.add(roundId);
    }

    /**
     * Charges a round, durably. Only after this returned may the masked update leave.
     *
     * @param charge of the round's recomputed noise
     * @param now when, for the record
     * @param epsilonMax the device's own budget
     * @return what the sending of a masked update asks for
     * @throws LedgerRefusedException if the round was charged before, or the budget would be overrun
     */
    public Receipt charge(String roundId, Charge charge, Instant now, double epsilonMax)
            throws IOException, LedgerRefusedException {
        if (hasCharged(roundId)) {
            throw new LedgerRefusedException.AlreadyCharged(roundId);
        }
        affords(charge, epsilonMax);
        byte[] amount = ByteBuffer.allocate(16)
                .putDouble(charge.noiseMultiplier())
                .putLong(now.toEpochMilli())
                .array();
        journal.append(List.of(Frames.join(List.of(new byte[] {CHARGED}, Frames.utf8(roundId), amount))));
        charged.add(roundId);
        charges.add(charge);
        return new Receipt(roundId);
    }

    /**
     * Checks that a charge would fit in the budget, without charging it.
     *
     * @throws LedgerRefusedException.OverBudget if it would not
     */
    public void affords(Charge charge, double epsilonMax) throws LedgerRefusedException {
        List<Charge> after = new ArrayList<>(charges);
        after.add(charge);
        double epsilon = PrivacyLedger.epsilonAfter(after, delta);
        if (!(epsilon <= epsilonMax)) {
            throw new LedgerRefusedException.OverBudget(epsilon, epsilonMax);
        }
    }

    /** Epsilon of all charges together at the ledger's delta; 0 if there are none. */
    public double epsilonSpent() {
        return PrivacyLedger.epsilonAfter(charges, delta);
    }

    /** How many rounds were charged. */
    public int participations() {
        return charges.size();
    }

    @Override
    public void close() throws IOException {
        journal.close();
    }

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

    private void replay(byte[] record) throws Frames.MalformedException {
        List<byte[]> parts = Frames.split(record);
        if (parts.size() == 2 && isKind(parts.get(0), ENTERED)) {
            entered.add(Frames.text(parts.get(1)));
        } else if (parts.size() == 3 && isKind(parts.get(0), CHARGED) && parts.get(2).length == 16) {
            charged.add(Frames.text(parts.get(1)));
            charges.add(charge(ByteBuffer.wrap(parts.get(2)).getDouble()));
        } else {
            throw new Frames.MalformedException("a record of no known kind");
        }
    }

    private static Charge charge(double noiseMultiplier) throws Frames.MalformedException {
        try {
            return new Charge(noiseMultiplier);
        } catch (IllegalArgumentException e) {
            throw new Frames.MalformedException("a charge is out of range");
        }
    }

    private static boolean isKind(byte[] kind, byte expected) {
        return kind.length == 1 && kind[0] == expected;
    }
}
