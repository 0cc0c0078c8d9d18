package dev.coppice.agent.store;

import dev.coppice.crypto.privacy.PrivacyLedger.Charge;
import dev.coppice.crypto.privacy.PrivacyLedger.Total;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * One line of the ledger: what happened to which round, and what it cost. On disk a kind (1 byte), the round's id, and of
 * a charge the noise multiplier (float64) and the time (milliseconds, int64), the skill and the device's id. Charges of
 * former versions end with the time.
 *
 * @param roundId of a round that was entered or charged; empty where an aggregator told of rounds
 * @param skill empty if it is not known
 * @param deviceId empty if it is not known
 * @param when of a charge; for the rest the epoch
 * @param spent by a charge, or in rounds that an aggregator told of; nothing by entering a round
 */
record LedgerRecord(Kind kind, String roundId, String skill, String deviceId, Instant when, Total spent) {
    static final int BYTES_MAX = 1024;

    enum Kind {
        ENTERED(1),
        CHARGED(2),
        TOLD(3);

        private final byte number;

        Kind(int number) {
            this.number = (byte) number;
        }
    }

    static byte[] entered(String roundId) {
        return Frames.join(List.of(kind(Kind.ENTERED), Frames.utf8(roundId)));
    }

    static byte[] charged(Spending spending, Instant when) {
        byte[] amount = ByteBuffer.allocate(16)
                .putDouble(spending.charge().noiseMultiplier())
                .putLong(when.toEpochMilli())
                .array();
        return Frames.join(List.of(
                kind(Kind.CHARGED),
                Frames.utf8(spending.roundId()),
                amount,
                Frames.utf8(spending.skill()),
                Frames.utf8(spending.deviceId())));
    }

    static byte[] told(String deviceId, Total missed, Instant when) {
        byte[] amount = ByteBuffer.allocate(24)
                .putLong(missed.participations())
                .putDouble(missed.rho())
                .putLong(when.toEpochMilli())
                .array();
        return Frames.join(List.of(kind(Kind.TOLD), Frames.utf8(deviceId), amount));
    }

    /** What one of the above wrote, or a former version. */
    static LedgerRecord of(byte[] record) throws Frames.MalformedException {
        List<byte[]> parts = Frames.split(record);
        Kind kind = kind(parts).orElseThrow(LedgerRecord::unknown);
        String name = Frames.text(parts.get(1));
        try {
            if (kind == Kind.ENTERED && parts.size() == 2) {
                return new LedgerRecord(kind, name, "", "", Instant.EPOCH, Total.NOTHING);
            }
            if (kind == Kind.CHARGED && (parts.size() == 3 || parts.size() == 5)) {
                ByteBuffer amount = amount(parts, 16);
                Total spent = Total.NOTHING.plus(new Charge(amount.getDouble()));
                Instant when = Instant.ofEpochMilli(amount.getLong());
                boolean isFormer = parts.size() == 3;
                String skill = isFormer ? "" : Frames.text(parts.get(3));
                return new LedgerRecord(kind, name, skill, isFormer ? "" : Frames.text(parts.get(4)), when, spent);
            }
            if (kind == Kind.TOLD && parts.size() == 3) {
                ByteBuffer amount = amount(parts, 24);
                Total spent = new Total(amount.getLong(), amount.getDouble());
                return new LedgerRecord(kind, "", "", name, Instant.ofEpochMilli(amount.getLong()), spent);
            }
        } catch (IllegalArgumentException e) {
            throw new Frames.MalformedException("a charge is out of range");
        }
        throw unknown();
    }

    private static byte[] kind(Kind kind) {
        return new byte[] {kind.number};
    }

    private static Optional<Kind> kind(List<byte[]> parts) {
        boolean isOne = parts.size() >= 2 && parts.get(0).length == 1;
        return Arrays.stream(Kind.values())
                .filter(kind -> isOne && kind.number == parts.get(0)[0])
                .findFirst();
    }

    private static ByteBuffer amount(List<byte[]> parts, int bytes) throws Frames.MalformedException {
        if (parts.get(2).length != bytes) {
            throw unknown();
        }
        return ByteBuffer.wrap(parts.get(2));
    }

    private static Frames.MalformedException unknown() {
        return new Frames.MalformedException("a record of no known kind");
    }
}
