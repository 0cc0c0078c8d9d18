package dev.coppice.simulator.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** JSON as people read it: a line for each value, and a table for each list of objects. */
final class JsonText {
    private static final int NAME_WIDTH = 22;

    private JsonText() {}

    static String of(JsonNode json) {
        StringBuilder text = new StringBuilder();
        List<Map.Entry<String, JsonNode>> tables = new ArrayList<>();
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            if (isTable(member.getValue())) {
                tables.add(member);
            } else {
                text.append(padded(member.getKey(), NAME_WIDTH))
                        .append(' ')
                        .append(cell(member.getValue()))
                        .append(System.lineSeparator());
            }
        }
        for (Map.Entry<String, JsonNode> table : tables) {
            text.append(text.isEmpty() ? "" : System.lineSeparator());
            text.append(table(table.getValue()));
        }
        return text.toString();
    }

    private static boolean isTable(JsonNode value) {
        return value.isArray() && !value.isEmpty() && value.get(0).isObject();
    }

    private static String table(JsonNode rows) {
        Set<String> columns = new LinkedHashSet<>();
        rows.forEach(row -> row.properties().forEach(member -> columns.add(member.getKey())));
        List<List<String>> lines = new ArrayList<>();
        lines.add(List.copyOf(columns));
        rows.forEach(row ->
                lines.add(columns.stream().map(name -> cell(row.path(name))).toList()));
        StringBuilder text = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < line.size(); i++) {
                int column = i;
                int width = lines.stream()
                        .mapToInt(cells -> cells.get(column).length())
                        .max()
                        .orElse(1);
                row.append(padded(line.get(i), width)).append("  ");
            }
            text.append(row.toString().stripTrailing()).append(System.lineSeparator());
        }
        return text.toString();
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static String cell(JsonNode value) {
        return value.isMissingNode() || value.isNull() ? "-" : value.isValueNode() ? value.asText() : value.toString();
    }
}
