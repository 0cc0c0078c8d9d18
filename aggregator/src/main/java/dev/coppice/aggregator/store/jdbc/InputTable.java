package dev.coppice.aggregator.store.jdbc;

import dev.coppice.aggregator.store.InputStore.InputSum;
import dev.coppice.aggregator.store.InputStore.TakenInputs;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Step;
import dev.coppice.aggregator.store.StoredRound;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Statements about masked inputs that are in a log or in files, each within the caller's transaction. */
final class InputTable {
    private InputTable() {}

    /** Where the input of a device begins in its round's file. */
    record Place(String deviceId, long place) {}

    /** Of those of a step that are in a file, in the file's order. */
    static List<Place> places(Connection connection, String roundId, Step step) throws SQLException {
        return Sql.list(
                connection,
                row -> new Place(row.getString(1), row.getLong(2)),
                "select device_id, place from step where round_id = ? and name = ? and place is not null order by place",
                roundId,
                step);
    }

    /** Of each round that has inputs in a file. */
    static Map<String, Long> lastPlaces(Connection connection) throws SQLException {
        Map<String, Long> last = new HashMap<>();
        Sql.each(
                connection,
                row -> last.put(row.getString(1), row.getLong(2)),
                "select s.round_id, max(s.place) from step s join round r on r.id = s.round_id"
                        + " where r.phase not in (?, ?) and s.place is not null group by s.round_id",
                Phase.COMPLETED,
                Phase.ABORTED);
        return last;
    }

    static Optional<String> find(Connection connection, String roundId, String deviceId) throws SQLException {
        return Sql.find(
                connection,
                row -> row.getString(1),
                "select sha256 from step where round_id = ? and name = ? and device_id = ?",
                roundId,
                Step.MASKED,
                deviceId);
    }

    /** Locks the round's row first. @return whether the round is in one of these phases */
    static boolean record(Connection connection, TakenInputs inputs, Set<Phase> in) throws SQLException {
        Optional<StoredRound> round = RoundTable.locked(connection, inputs.roundId());
        if (round.isEmpty() || !in.contains(round.get().phase())) {
            return false;
        }
        Set<String> known = recorded(connection, inputs.roundId());
        List<Object[]> steps = new ArrayList<>();
        List<Object[]> parts = new ArrayList<>();
        for (Map.Entry<String, String> input : inputs.sha256ByDevice().entrySet()) {
            if (!known.contains(input.getKey())) {
                steps.add(new Object[] {inputs.roundId(), Step.MASKED, input.getKey(), input.getValue()});
                parts.add(new Object[] {
                    input.getKey(), inputs.roundId(), inputs.at().toEpochMilli(), inputs.noiseMultiplier()
                });
            }
        }
        Sql.batch(connection, "insert into step (round_id, name, device_id, sha256) values (?, ?, ?, ?)", steps);
        Sql.batch(
                connection,
                "insert into part (device_id, round_id, taken, noise_multiplier) values (?, ?, ?, ?)",
                parts);
        Sql.update(connection, "update round set masked = masked + ? where id = ?", steps.size(), inputs.roundId());
        return true;
    }

    private static Set<String> recorded(Connection connection, String roundId) throws SQLException {
        return new HashSet<>(Sql.list(
                connection,
                row -> row.getString(1),
                "select device_id from step where round_id = ? and name = ?",
                roundId,
                Step.MASKED));
    }

    static boolean putSums(Connection connection, TakenInputs all, List<InputSum> sums) throws SQLException {
        if (!record(connection, all, Set.of(Phase.COLLECTING))
                || !all.sha256ByDevice().keySet().containsAll(recorded(connection, all.roundId()))) {
            return false;
        }
        Sql.update(connection, "delete from input_sum where round_id = ?", all.roundId());
        for (InputSum sum : sums) {
            Sql.update(
                    connection,
                    "insert into input_sum (round_id, in_group, devices, bits, packed) values (?, ?, ?, ?, ?)",
                    all.roundId(),
                    sum.group(),
                    sum.devices(),
                    sum.bits(),
                    sum.values());
        }
        return true;
    }

    static List<InputSum> sums(Connection connection, String roundId) throws SQLException {
        return Sql.list(
                connection,
                row -> new InputSum(
                        row.getInt("in_group"), row.getInt("devices"), row.getInt("bits"), Sql.bytes(row, "packed")),
                "select * from input_sum where round_id = ? order by in_group",
                roundId);
    }
}
