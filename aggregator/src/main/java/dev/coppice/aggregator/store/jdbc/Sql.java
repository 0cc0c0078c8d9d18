package dev.coppice.aggregator.store.jdbc;

import com.google.protobuf.ByteString;
import dev.coppice.aggregator.store.StoreException;
import dev.coppice.aggregator.store.jdbc.Database.Row;
import dev.coppice.aggregator.store.jdbc.Database.Work;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;

/** Transactions and statements, without the ceremony. Values are always bound, never pasted into a statement. */
final class Sql {
    /** SQL:2011 class 23 (integrity constraint violation), as both databases name a unique key that is taken. */
    private static final String UNIQUE_VIOLATION = "23505";

    /** Rows that are fetched together where they are read one by one: masked inputs are large. */
    private static final int FETCHED = 8;

    private final DataSource source;

    /**
     * Held around each commit to the embedded database, which shows what is committed a moment before it is in the file: so
     * whoever read it there goes on only when it outlives a killed process. A device may act on what it is shown.
     */
    private final Optional<Lock> committing;

    Sql(DataSource source) {
        this.source = source;
        this.committing = isEmbedded(source) ? Optional.of(new ReentrantLock()) : Optional.empty();
    }

    private static boolean isEmbedded(DataSource source) {
        try (Connection connection = source.getConnection()) {
            return connection.getMetaData().getURL().startsWith("jdbc:h2:");
        } catch (SQLException e) {
            throw new StoreException("Could not open the database", e);
        }
    }

    /** Runs {@code work} as one transaction: committed if it returns, undone if it throws. */
    <T> T transaction(String what, Work<T> work) {
        try (Connection connection = source.getConnection()) {
            try {
                T result = work.with(connection);
                commit(connection);
                return result;
            } catch (SQLException | RuntimeException e) {
                connection.rollback();
                throw e;
            }
        } catch (SQLException e) {
            throw new StoreException("Could not " + what, e);
        }
    }

    /** As {@link #transaction}, and what was committed by then outlives a power cut. */
    <T> T forced(String what, Work<T> work) {
        T result = transaction(what, work);
        if (committing.isPresent()) {
            transaction("force the database to the disk", connection -> update(connection, "checkpoint sync"));
        }
        return result;
    }

    private void commit(Connection connection) throws SQLException {
        committing.ifPresent(Lock::lock);
        try {
            connection.commit();
        } finally {
            committing.ifPresent(Lock::unlock);
        }
    }

    /** As {@link #transaction}, where breaking a unique key is an answer: false, with nothing changed. */
    boolean unlessTaken(String what, Work<Boolean> work) {
        try {
            return transaction(what, work);
        } catch (StoreException e) {
            if (e.getCause() instanceof SQLException cause && isTaken(cause)) {
                return false;
            }
            throw e;
        }
    }

    private static boolean isTaken(SQLException e) {
        return UNIQUE_VIOLATION.equals(e.getSQLState());
    }

    static int update(Connection connection, String statement, Object... values) throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement(statement)) {
            bind(prepared, values);
            return prepared.executeUpdate();
        }
    }

    /** Runs a statement once for each list of values. */
    static void batch(Connection connection, String statement, List<Object[]> all) throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement(statement)) {
            for (Object[] values : all) {
                bind(prepared, values);
                prepared.addBatch();
            }
            prepared.executeBatch();
        }
    }

    static <T> List<T> list(Connection connection, Row<T> row, String query, Object... values) throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement(query)) {
            bind(prepared, values);
            try (ResultSet rows = prepared.executeQuery()) {
                List<T> all = new ArrayList<>();
                while (rows.next()) {
                    all.add(row.of(rows));
                }
                return all;
            }
        }
    }

    /** Reads rows one by one, and says how many there were. */
    static int each(Connection connection, Database.Reader reader, String query, Object... values) throws SQLException {
        try (PreparedStatement prepared = connection.prepareStatement(query)) {
            prepared.setFetchSize(FETCHED);
            bind(prepared, values);
            try (ResultSet rows = prepared.executeQuery()) {
                int count = 0;
                while (rows.next()) {
                    reader.read(rows);
                    count++;
                }
                return count;
            }
        }
    }

    static <T> Optional<T> find(Connection connection, Row<T> row, String query, Object... values) throws SQLException {
        return list(connection, row, query, values).stream().findFirst();
    }

    /** The one number that a query gives. */
    static long number(Connection connection, String query, Object... values) throws SQLException {
        return find(connection, row -> row.getLong(1), query, values).orElseThrow();
    }

    static ByteString bytes(ResultSet row, String column) throws SQLException {
        byte[] bytes = row.getBytes(column);
        return bytes == null ? ByteString.EMPTY : ByteString.copyFrom(bytes);
    }

    private static void bind(PreparedStatement prepared, Object... values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            switch (values[i]) {
                case ByteString bytes -> prepared.setBytes(i + 1, bytes.toByteArray());
                case Enum<?> name -> prepared.setString(i + 1, name.name());
                case Object value -> prepared.setObject(i + 1, value);
            }
        }
    }
}
