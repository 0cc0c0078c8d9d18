package dev.coppice.aggregator.store.jdbc;

import dev.coppice.aggregator.store.AbortReason;
import dev.coppice.aggregator.store.StoreException;
import dev.coppice.aggregator.store.StoredRound;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.sql.DataSource;

/**
 * All rows of all tables as bytes, which either database takes. A table's are the number of its columns and their names;
 * then for each row 1, and for each value a letter (n: null, i: long, d: double, b: boolean, s: text, x: bytes) and the value;
 * then 0. Columns that a database fills by itself say the order of the rows and are left out.
 */
public final class TableCopy {
    private static final String HISTORY = "flyway_schema_history";
    private static final int FETCHED = 8;

    /** Weaker ones are of one moment in PostgreSQL, but of a moment for each table in H2. */
    private static final int ONE_MOMENT = Connection.TRANSACTION_SERIALIZABLE;

    private final DataSource source;

    /**
     * Copies of the tables in a database.
     *
     * @param source gives connections that do not commit by themselves, to tables that are up to date
     */
    public TableCopy(DataSource source) {
        this.source = source;
    }

    /** Where each table goes. */
    @FunctionalInterface
    public interface Sink {
        DataOutputStream next(String table) throws IOException;
    }

    private record Column(String name, boolean filledByItself) {}

    /** Writes all tables as they are at one moment, those first that others refer to. */
    public void write(Sink sink) throws IOException {
        try (Connection connection = source.getConnection()) {
            int before = connection.getTransactionIsolation();
            connection.setTransactionIsolation(ONE_MOMENT);
            try {
                for (Map.Entry<String, List<Column>> table : tables(connection).entrySet()) {
                    write(connection, table.getKey(), table.getValue(), sink.next(table.getKey()));
                }
            } finally {
                connection.rollback();
                connection.setTransactionIsolation(before);
            }
        } catch (SQLException e) {
            throw new IOException("Could not read the tables", e);
        }
    }

    private static void write(Connection connection, String table, List<Column> columns, DataOutputStream to)
            throws SQLException, IOException {
        List<String> names = columns.stream()
                .filter(column -> !column.filledByItself())
                .map(Column::name)
                .toList();
        String order = columns.stream()
                .filter(Column::filledByItself)
                .map(column -> " order by " + column.name())
                .collect(Collectors.joining());
        to.writeInt(names.size());
        for (String name : names) {
            to.writeUTF(name);
        }
        try (PreparedStatement query =
                connection.prepareStatement("select " + String.join(", ", names) + " from " + table + order)) {
            query.setFetchSize(FETCHED);
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    to.writeBoolean(true);
                    for (int i = 1; i <= names.size(); i++) {
                        writeValue(rows, i, to);
                    }
                }
            }
        }
        to.writeBoolean(false);
        to.flush();
    }

    private static void writeValue(ResultSet row, int column, DataOutputStream to) throws SQLException, IOException {
        ResultSetMetaData types = row.getMetaData();
        Object value = row.getObject(column);
        if (value == null) {
            to.writeByte('n');
            return;
        }
        switch (types.getColumnType(column)) {
            case Types.BIGINT, Types.INTEGER, Types.SMALLINT -> {
                to.writeByte('i');
                to.writeLong(row.getLong(column));
            }
            case Types.DOUBLE, Types.FLOAT, Types.REAL -> {
                to.writeByte('d');
                to.writeDouble(row.getDouble(column));
            }
            case Types.BOOLEAN, Types.BIT -> {
                to.writeByte('b');
                to.writeBoolean(row.getBoolean(column));
            }
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB ->
                writeBytes('x', row.getBytes(column), to);
            case Types.CHAR, Types.VARCHAR, Types.LONGVARCHAR, Types.CLOB ->
                writeBytes('s', row.getString(column).getBytes(StandardCharsets.UTF_8), to);
            default ->
                throw new SQLException("No backup knows columns like " + types.getColumnName(column) + ", "
                        + types.getColumnTypeName(column));
        }
    }

    private static void writeBytes(char letter, byte[] bytes, DataOutputStream to) throws IOException {
        to.writeByte(letter);
        to.writeInt(bytes.length);
        to.write(bytes);
    }

    /** Reads tables into a database, all or none. */
    public final class Reading implements AutoCloseable {
        private final Connection connection;
        private final Map<String, List<Column>> tables;

        private Reading() throws SQLException {
            connection = source.getConnection();
            tables = tables(connection);
        }

        /**
         * Reads one table, after those that it refers to.
         *
         * @throws IOException if there is none of this name, or it has not all of the columns: the backup is of a newer
         *     release
         */
        public void next(String table, DataInputStream from) throws IOException {
            List<Column> known = tables.get(table);
            if (known == null) {
                throw new IOException(
                        "This release has no table " + table + ": the backup is of a newer one, restore it with that");
            }
            List<String> names = new ArrayList<>();
            for (int left = from.readInt(); left > 0; left--) {
                String name = from.readUTF();
                if (known.stream().noneMatch(column -> column.name().equals(name))) {
                    throw new IOException("This release has no column " + name + " in a table " + table
                            + ": the backup is of a newer one, restore it with that");
                }
                names.add(name);
            }
            String marks = names.stream().map(name -> "?").collect(Collectors.joining(", "));
            try (PreparedStatement insert = connection.prepareStatement(
                    "insert into " + table + " (" + String.join(", ", names) + ") values (" + marks + ")")) {
                while (from.readBoolean()) {
                    for (int i = 1; i <= names.size(); i++) {
                        readValue(insert, i, from);
                    }
                    if (insert.executeUpdate() != 1) {
                        throw new IOException("A row of " + table + " was not taken");
                    }
                }
            } catch (SQLException e) {
                throw new IOException("Could not restore the table " + table, e);
            }
        }

        /** Abandons the rounds that are open in what was read. */
        public void abandonOpenRounds(AbortReason reason) throws IOException {
            try {
                for (StoredRound round : RoundTable.open(connection)) {
                    RoundTable.advance(connection, round, round.aborted(reason));
                }
            } catch (SQLException e) {
                throw new IOException("Could not abandon open rounds", e);
            }
        }

        /** Keeps what was read; without this, closing undoes it. */
        public void keep() throws IOException {
            try {
                connection.commit();
            } catch (SQLException e) {
                throw new IOException("Could not restore the tables", e);
            }
        }

        @Override
        public void close() throws IOException {
            try (connection) {
                connection.rollback();
            } catch (SQLException e) {
                throw new IOException("Could not close the database", e);
            }
        }
    }

    /**
     * Begins to read.
     *
     * @throws IOException if something is there already
     */
    @SuppressWarnings("MustBeClosedChecker")
    public Reading reading() throws IOException {
        try {
            requireEmpty();
            return new Reading();
        } catch (SQLException e) {
            throw new StoreException("Could not open the database", e);
        }
    }

    private void requireEmpty() throws SQLException, IOException {
        try (Connection connection = source.getConnection()) {
            for (String table : tables(connection).keySet()) {
                if (Sql.number(connection, "select count(*) from " + table) > 0) {
                    throw new IOException(
                            "The database is not empty: " + table + " has rows. Backups are restored into a fresh one");
                }
            }
            connection.rollback();
        }
    }

    private static void readValue(PreparedStatement insert, int column, DataInputStream from)
            throws SQLException, IOException {
        int letter = from.readByte();
        switch (letter) {
            case 'n' -> insert.setObject(column, null);
            case 'i' -> insert.setLong(column, from.readLong());
            case 'd' -> insert.setDouble(column, from.readDouble());
            case 'b' -> insert.setBoolean(column, from.readBoolean());
            case 'x' -> insert.setBytes(column, readBytes(from));
            case 's' -> insert.setString(column, new String(readBytes(from), StandardCharsets.UTF_8));
            default -> throw new IOException("The backup is damaged: a value begins with " + letter);
        }
    }

    private static byte[] readBytes(DataInputStream from) throws IOException {
        int length = from.readInt();
        byte[] bytes = length < 0 ? new byte[0] : from.readNBytes(length);
        if (bytes.length != length) {
            throw new IOException("The backup is damaged: a value ends early");
        }
        return bytes;
    }

    /** Columns by table, in lower case; a table comes after those that it refers to. */
    private static Map<String, List<Column>> tables(Connection connection) throws SQLException {
        DatabaseMetaData data = connection.getMetaData();
        Map<String, String> names = new TreeMap<>();
        try (ResultSet tables = data.getTables(
                connection.getCatalog(), connection.getSchema(), "%", new String[] {"TABLE", "BASE TABLE"})) {
            while (tables.next()) {
                String name = tables.getString("TABLE_NAME");
                names.put(name.toLowerCase(Locale.ROOT), name);
            }
        }
        names.remove(HISTORY);
        Map<String, Set<String>> refersTo = new TreeMap<>();
        for (Map.Entry<String, String> name : names.entrySet()) {
            Set<String> others = refersTo.computeIfAbsent(name.getKey(), key -> new TreeSet<>());
            try (ResultSet keys =
                    data.getImportedKeys(connection.getCatalog(), connection.getSchema(), name.getValue())) {
                while (keys.next()) {
                    others.add(keys.getString("PKTABLE_NAME").toLowerCase(Locale.ROOT));
                }
            }
        }
        Map<String, List<Column>> ordered = new LinkedHashMap<>();
        while (ordered.size() < names.size()) {
            for (Map.Entry<String, Set<String>> table : refersTo.entrySet()) {
                if (!ordered.containsKey(table.getKey()) && ordered.keySet().containsAll(table.getValue())) {
                    ordered.put(table.getKey(), columns(connection, names.getOrDefault(table.getKey(), "")));
                }
            }
        }
        return ordered;
    }

    private static List<Column> columns(Connection connection, String table) throws SQLException {
        List<Column> columns = new ArrayList<>();
        try (ResultSet rows =
                connection.getMetaData().getColumns(connection.getCatalog(), connection.getSchema(), table, "%")) {
            while (rows.next()) {
                columns.add(new Column(
                        rows.getString("COLUMN_NAME").toLowerCase(Locale.ROOT),
                        rows.getString("IS_AUTOINCREMENT").equals("YES")));
            }
        }
        return columns;
    }
}
