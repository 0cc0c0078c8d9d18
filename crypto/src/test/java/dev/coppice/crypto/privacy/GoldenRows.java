package dev.coppice.crypto.privacy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Rows of a JSON file that is a list of flat objects, or holds one. */
final class GoldenRows {
    private static final Pattern OBJECT = Pattern.compile("\\{[^{}]*}");

    private GoldenRows() {}

    static List<Row> of(Path file) {
        try {
            return OBJECT.matcher(Files.readString(file))
                    .results()
                    .map(match -> new Row(match.group()))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One object, as text. */
    record Row(String text) {
        double number(String field) {
            return Double.parseDouble(value(field));
        }

        int whole(String field) {
            return (int) number(field);
        }

        boolean is(String field, String expected) {
            Matcher matcher = pattern(field).matcher(text);
            return matcher.find() && matcher.group(1).equals("\"" + expected + "\"");
        }

        private String value(String field) {
            Matcher matcher = pattern(field).matcher(text);
            if (!matcher.find()) {
                throw new IllegalStateException("No " + field + " in " + text);
            }
            return matcher.group(1);
        }

        private static Pattern pattern(String field) {
            return Pattern.compile("\"" + field + "\":\\s*(\"[^\"]*\"|[^,\\s}]+)");
        }
    }
}
