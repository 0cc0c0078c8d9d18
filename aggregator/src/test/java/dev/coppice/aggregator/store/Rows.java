package dev.coppice.aggregator.store;

import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import javax.sql.DataSource;

/** All that is in a database, whichever it is. */
public final class Rows {
    private Rows() {}

    /** Rows by table, in no order that means anything; each as its values by column, bytes in hexadecimal digits. */
    public static SortedMap<String, List<String>> of(DataSource source) throws SQLException {
        SortedMap<String, List<String>> all = new TreeMap<>();
        try (Connection connection = source.getConnection()) {
            for (String table : tables(connection)) {
                all.put(table.toLowerCase(Locale.ROOT), rows(connection, table));
            }
            connection.rollback();
        }
        all.remove("flyway_schema_history"); // of migrations, not of what Coppice keeps
        return all;
    }

    /** The tables that have any. */
    public static SortedMap<String, List<String>> present(DataSource source) throws SQLException {
        SortedMap<String, List<String>> all = of(source);
        all.values().removeIf(List::isEmpty);
        return all;
    }

    private static List<String> tables(Connection connection) throws SQLException {
        List<String> names = new ArrayList<>();
        DatabaseMetaData data = connection.getMetaData();
        try (ResultSet tables = data.getTables(
                connection.getCatalog(), connection.getSchema(), "%", new String[] {"TABLE", "BASE TABLE"})) {
            while (tables.next()) {
                names.add(tables.getString("TABLE_NAME"));
            }
        }
        return names;
    }

    private static List<String> rows(Connection connection, String table) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select * from \"" + table + "\"")) {
            ResultSetMetaData columns = rows.getMetaData();
            while (rows.next()) {
                Map<String, String> values = new TreeMap<>();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    values.put(columns.getColumnName(i).toLowerCase(Locale.ROOT), value(rows, columns, i));
                }
                texts.add(values.toString());
            }
        }
        return texts.stream().sorted().toList();
    }

    private static String value(ResultSet row, ResultSetMetaData columns, int column) throws SQLException {
        boolean bytes = switch (columns.getColumnType(column)) {
            case Types.BINARY, Types.VARBINARY, Types.LONGVARBINARY, Types.BLOB -> true;
            default -> false;
        };
        byte[] content = bytes ? row.getBytes(column) : null;
        return content == null
                ? String.valueOf(row.getObject(column))
                : HexFormat.of().formatHex(content);
    }
}
