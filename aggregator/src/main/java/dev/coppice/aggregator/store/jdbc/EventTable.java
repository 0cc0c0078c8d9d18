package dev.coppice.aggregator.store.jdbc;

import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.EventStore.RoundEvent;
import dev.coppice.aggregator.store.Phase;
import dev.coppice.aggregator.store.Tally;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Statements about what others are told, each within the caller's transaction. */
final class EventTable {
    private EventTable() {}

    static List<RoundEvent> untold(Connection connection, int max) throws SQLException {
        return Sql.list(
                connection,
                row -> new RoundEvent(
                        row.getString("task_id"),
                        row.getString("round_id"),
                        row.getInt("number"),
                        row.getLong("version"),
                        Phase.valueOf(row.getString("phase")),
                        AbortReason.valueOf(row.getString("reason")),
                        new Tally(
                                row.getInt("advertised"),
                                row.getInt("opened"),
                                row.getInt("shared"),
                                row.getInt("masked"),
                                row.getInt("attested"),
                                row.getInt("unmasked"))),
                "select h.*, r.task_id, r.number from round_history h join round r on r.id = h.round_id"
                        + " where h.told = false order by h.round_id, h.version limit " + max);
    }

    static int told(Connection connection, List<RoundEvent> events) throws SQLException {
        Sql.batch(
                connection,
                "update round_history set told = true where round_id = ? and version = ?",
                events.stream()
                        .map(event -> new Object[] {event.roundId(), event.version()})
                        .toList());
        return events.size();
    }
}
