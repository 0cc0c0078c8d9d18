package dev.coppice.crypto;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;

/** The innermost objects of a JSON file, in order; enough for published vectors. */
public final class FlatJson {
    private static final Pattern OBJECT = Pattern.compile("\\{[^{}]*}");
    private static final Pattern FIELD = Pattern.compile("\"(\\w+)\"\\s*:\\s*(?:\"([^\"]*)\"|([\\w.+-]+))");

    private FlatJson() {}

    /** The fields of each object that are strings, numbers or truth values; unpacks {@code .gz}. */
    public static List<Map<String, String>> objects(Path file) {
        return OBJECT.matcher(text(file))
                .results()
                .map(object -> fields(object.group()))
                .toList();
    }

    /** The text of a file, unpacked if its name ends in {@code .gz}. */
    public static String text(Path file) {
        try (InputStream raw = Files.newInputStream(file);
                InputStream input = file.toString().endsWith(".gz") ? new GZIPInputStream(raw) : raw) {
            return new String(input.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Map<String, String> fields(String object) {
        return FIELD.matcher(object)
                .results()
                .collect(Collectors.toMap(
                        field -> field.group(1),
                        field -> field.group(2) == null ? field.group(3) : field.group(2),
                        (first, second) -> first));
    }

    public static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }
}
