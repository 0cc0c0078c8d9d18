package dev.coppice.crypto;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A value of a JSON file: enough of a reader for published vectors, which hold no escapes. */
public final class Json {
    private final Object value;

    private Json(Object value) {
        this.value = value;
    }

    public static Json read(Path file) {
        return new Json(new Reader(FlatJson.text(file)).value());
    }

    /** The member {@code name} of an object; of a list, that of its last element: ACVP puts a header first. */
    public Json at(String name) {
        return value instanceof List<?> list ? new Json(list.get(list.size() - 1)).at(name) : new Json(member(name));
    }

    public boolean has(String name) {
        return value instanceof Map<?, ?> map && map.containsKey(name);
    }

    public List<Json> list() {
        List<Json> elements = new ArrayList<>();
        ((List<?>) value).forEach(element -> elements.add(new Json(element)));
        return elements;
    }

    public String text(String name) {
        return (String) member(name);
    }

    public int number(String name) {
        return Integer.parseInt(text(name));
    }

    /** The bytes of a member's hexadecimal digits; none where it is absent. */
    public byte[] hex(String name) {
        return has(name) ? FlatJson.hex(text(name)) : new byte[0];
    }

    private Object member(String name) {
        Object member = value instanceof Map<?, ?> map ? map.get(name) : null;
        if (member == null) {
            throw new IllegalArgumentException("No member " + name);
        }
        return member;
    }

    @Override
    public String toString() {
        return value.toString();
    }

    private static final class Reader {
        private final String text;
        private int at;

        Reader(String text) {
            this.text = text;
        }

        Object value() {
            return switch (peek()) {
                case '{' -> object();
                case '[' -> array();
                case '"' -> string();
                default -> word();
            };
        }

        private Map<String, Object> object() {
            Map<String, Object> members = new LinkedHashMap<>();
            at++;
            while (peek() != '}') {
                String name = string();
                skip(':');
                members.put(name, value());
                skip(',');
            }
            at++;
            return members;
        }

        private List<Object> array() {
            List<Object> elements = new ArrayList<>();
            at++;
            while (peek() != ']') {
                elements.add(value());
                skip(',');
            }
            at++;
            return elements;
        }

        private String string() {
            peek();
            int end = at + 1;
            while (text.charAt(end) != '"') {
                end += text.charAt(end) == '\\' ? 2 : 1;
            }
            String read = text.substring(at + 1, end);
            at = end + 1;
            return read;
        }

        private String word() {
            int from = at;
            while (at < text.length() && ",}] \r\n\t".indexOf(text.charAt(at)) < 0) {
                at++;
            }
            return text.substring(from, at);
        }

        private char peek() {
            while (Character.isWhitespace(text.charAt(at))) {
                at++;
            }
            return text.charAt(at);
        }

        private void skip(char optional) {
            if (peek() == optional) {
                at++;
            }
        }
    }
}
