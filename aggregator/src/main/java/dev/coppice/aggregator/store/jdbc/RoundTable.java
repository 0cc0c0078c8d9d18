package dev.coppice.aggregator.store.jdbc;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.StoredRound;
import dev.coppice.aggregator.store.Taken;
import dev.coppice.aggregator.store.Tally;
import dev.coppice.crypto.Sha256;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Statements about rounds and their steps, each within the caller's transaction. */
final class RoundTable {
    static final String SELECT = "select * from round ";
    /** With the hash: without it H2 would read all that the primary key has of the round, which has the rest. */
    static final String STEPS_OF_DEVICE = "select name, sha256 from step where round_id = ? and device_id = ?";

    static final String OUTSTANDING = "select count(*) from round_offer where round_id = ? and offered >= ?";

    /** Column of {@code round} that counts the devices of a step. */
    private static final Map<Step, String> COUNTERS = Map.of(
            Step.ADVERTISE, "advertised",
            Step.OPEN, "opened",
            Step.SHARES, "shared",
            Step.MASKED, "masked",
            Step.ATTEST, "attested",
            Step.UNMASK, "unmasked");

    private RoundTable() {}

    static StoredRound round(ResultSet row) throws SQLException {
        return new StoredRound(
                row.getString("id"),
                row.getString("task_id"),
                row.getInt("number"),
                Phase.valueOf(row.getString("phase")),
                row.getLong("version"),
                Sql.bytes(row, "terms"),
                Instant.ofEpochMilli(row.getLong("deadline")),
                new Tally(
                        row.getInt("advertised"),
                        row.getInt("opened"),
                        row.getInt("shared"),
                        row.getInt("masked"),
                        row.getInt("attested"),
                        row.getInt("unmasked")),
                Sql.bytes(row, "survivors"),
                new StoredRound.Result(row.getString("result"), row.getInt("devices"), row.getString("transcript")),
                AbortReason.valueOf(row.getString("reason")));
    }

    static List<StoredRound> open(Connection connection) throws SQLException {
        return Sql.list(
                connection, RoundTable::round, SELECT + "where phase not in (?, ?)", Phase.COMPLETED, Phase.ABORTED);
    }

    static boolean open(Connection connection, StoredRound round, int openMax) throws SQLException {
        long open = Sql.number(
                connection,
                "select count(*) from round where task_id = ? and phase not in (?, ?)",
                round.taskId(),
                Phase.COMPLETED,
                Phase.ABORTED);
        if (open >= openMax) {
            return false;
        }
        Sql.update(
                connection,
                "insert into round (id, task_id, number, phase, version, terms, deadline, advertised, shared, masked,"
                        + " unmasked, survivors, result, reason) values (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?, ?, ?)",
                round.id(),
                round.taskId(),
                round.number(),
                round.phase(),
                round.version(),
                round.terms(),
                round.deadline().toEpochMilli(),
                round.survivors(),
                round.resultSha256(),
                round.reason());
        remember(connection, round);
        return true;
    }

    /** Looks before it locks the round's row, so that devices which come in vain do not hold up others. */
    static boolean offer(Connection connection, String roundId, String deviceId, Instant now, Instant since, int max)
            throws SQLException {
        boolean again = Sql.update(
                        connection,
                        "update round_offer set offered = ? where round_id = ? and device_id = ? and offered >= ?",
                        now.toEpochMilli(),
                        roundId,
                        deviceId,
                        since.toEpochMilli())
                == 1;
        if (again || outstanding(connection, roundId, since) >= max) {
            return again;
        }
        Sql.find(connection, row -> row.getString(1), "select id from round where id = ? for update", roundId);
        if (outstanding(connection, roundId, since) >= max) {
            return false;
        }
        withdraw(connection, roundId, deviceId);
        return Sql.update(connection, "insert into round_offer values (?, ?, ?)", roundId, deviceId, now.toEpochMilli())
                == 1;
    }

    private static void withdraw(Connection connection, String roundId, String deviceId) throws SQLException {
        Sql.update(connection, "delete from round_offer where round_id = ? and device_id = ?", roundId, deviceId);
    }

    /** Offers that were not taken up. */
    static long outstanding(Connection connection, String roundId, Instant since) throws SQLException {
        return Sql.number(connection, OUTSTANDING, roundId, since.toEpochMilli());
    }

    /** The round, whose row is locked until the transaction ends. */
    static Optional<StoredRound> locked(Connection connection, String roundId) throws SQLException {
        return Sql.find(connection, RoundTable::round, SELECT + "where id = ? for update", roundId);
    }

    /** Locks the round's row first: while this goes on, the phase cannot change and nobody else is taken. */
    static Taken take(Connection connection, String roundId, Step step, String deviceId, ByteString message, int max)
            throws SQLException {
        Optional<StoredRound> round = locked(connection, roundId);
        if (round.isEmpty()) {
            return Taken.NO_SUCH_ROUND;
        }
        Map<Step, String> taken = stepsOf(connection, roundId, deviceId);
        String sha256 = Sha256.hex(message.toByteArray());
        Taken verdict = verdict(round.get(), step, taken, sha256, max);
        if (verdict == Taken.TAKEN) {
            Sql.update(
                    connection,
                    "insert into step (round_id, name, device_id, sha256, message) values (?, ?, ?, ?, ?)",
                    roundId,
                    step,
                    deviceId,
                    sha256,
                    message);
            if (step == Step.ADVERTISE) {
                withdraw(connection, roundId, deviceId);
            }
            String counter = COUNTERS.getOrDefault(step, "");
            Sql.update(connection, "update round set " + counter + " = " + counter + " + 1 where id = ?", roundId);
        }
        return verdict;
    }

    /**
     * What becomes of a message.
     *
     * @param taken the steps that were taken from its device, with the SHA-256 of each message
     * @param max devices that this step is taken from at most
     */
    static Taken verdict(StoredRound round, Step step, Map<Step, String> taken, String sha256, int max) {
        String before = taken.get(step);
        if (before != null) {
            boolean same = round.phase().isOver() || before.equals(sha256);
            return same ? Taken.ALREADY_TAKEN : Taken.DIFFERENT;
        }
        if (step != Step.ADVERTISE && !taken.containsKey(Step.ADVERTISE)) {
            return Taken.NOT_A_MEMBER;
        }
        if (!round.phase().takes(step)) {
            return round.phase().isPast(step) ? Taken.TOO_LATE : Taken.TOO_EARLY;
        }
        for (Step earlier : Step.values()) {
            if (earlier.isForAll() && earlier.compareTo(step) < 0 && !taken.containsKey(earlier)) {
                return Taken.TOO_LATE;
            }
        }
        return round.tally().of(step) >= max ? Taken.FULL : Taken.TAKEN;
    }

    /** The steps that were taken from a device, with the SHA-256 of each message. */
    static Map<Step, String> stepsOf(Connection connection, String roundId, String deviceId) throws SQLException {
        Map<Step, String> steps = new EnumMap<>(Step.class);
        Sql.each(
                connection,
                row -> steps.put(Step.valueOf(row.getString(1)), row.getString(2)),
                STEPS_OF_DEVICE,
                roundId,
                deviceId);
        return steps;
    }

    /** Compare-and-set on the version and on who was counted. */
    static boolean advance(Connection connection, StoredRound seen, StoredRound next) throws SQLException {
        Tally tally = seen.tally();
        int changed = Sql.update(
                connection,
                "update round set phase = ?, version = ?, deadline = ?, survivors = ?, result = ?, devices = ?,"
                        + " transcript = ?, reason = ?"
                        + " where id = ? and version = ?"
                        + " and advertised = ? and opened = ? and shared = ? and masked = ? and attested = ? and unmasked = ?",
                next.phase(),
                next.version(),
                next.deadline().toEpochMilli(),
                next.survivors(),
                next.resultSha256(),
                next.result().devices(),
                next.result().transcriptSha256(),
                next.reason(),
                seen.id(),
                seen.version(),
                tally.advertised(),
                tally.opened(),
                tally.shared(),
                tally.masked(),
                tally.attested(),
                tally.unmasked());
        if (changed == 0) {
            return false;
        }
        if (next.phase().isOver()) {
            Sql.update(connection, "update step set message = null, place = null where round_id = ?", seen.id());
            Sql.update(connection, "delete from input_sum where round_id = ?", seen.id());
            Sql.update(connection, "delete from round_offer where round_id = ?", seen.id());
        }
        remember(connection, next);
        return true;
    }

    /** A deadline may move within a phase; the history has each version once. */
    private static void remember(Connection connection, StoredRound round) throws SQLException {
        Tally tally = round.tally();
        Sql.update(
                connection,
                "insert into round_history (round_id, version, phase, reason, advertised, opened, shared, masked,"
                        + " attested, unmasked) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                round.id(),
                round.version(),
                round.phase(),
                round.reason(),
                tally.advertised(),
                tally.opened(),
                tally.shared(),
                tally.masked(),
                tally.attested(),
                tally.unmasked());
    }
}
