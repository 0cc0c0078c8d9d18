package dev.coppice.simulator.population;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** What can be said to an assistant, and the words that fill it. Read once from phrases.txt and words.txt. Immutable. */
final class Phrasebook {
    private static final Phrasebook SHIPPED = new Phrasebook();

    private final List<String> labels = new ArrayList<>();
    private final Map<String, List<String>> everyday = new LinkedHashMap<>();
    private final Map<String, List<String>> appOnly = new LinkedHashMap<>();
    private final Map<String, List<String>> words = new LinkedHashMap<>();

    private Phrasebook() {
        readPhrases();
        readWords();
    }

    static Phrasebook shipped() {
        return SHIPPED;
    }

    /** All labels, in the order of their ids. */
    List<String> labels() {
        return List.copyOf(labels);
    }

    /** How everybody may say it; slots in braces. */
    List<String> everyday(String label) {
        return require(everyday, label);
    }

    /** How only users of the demo's app say it; slots in braces. */
    List<String> appOnly(String label) {
        return require(appOnly, label);
    }

    /** The words of a slot or a habit. */
    List<String> words(String slot) {
        return require(words, slot);
    }

    /** The names of all slots that phrases may have. */
    List<String> slots() {
        return words.keySet().stream().filter(slot -> !slot.contains(" ")).toList();
    }

    private void readPhrases() {
        String label = "";
        for (String line : lines("phrases.txt")) {
            if (line.startsWith("= ")) {
                everyday.put(label, split(line.substring(2), "\\|"));
            } else if (line.startsWith("+ ")) {
                appOnly.put(label, split(line.substring(2), "\\|"));
            } else {
                label = line;
                labels.add(label);
            }
        }
    }

    private void readWords() {
        for (String line : lines("words.txt")) {
            int colon = line.indexOf(':');
            String separator = line.startsWith("private phrase") ? "\\|" : ",";
            words.put(line.substring(0, colon), split(line.substring(colon + 1), separator));
        }
    }

    private static List<String> require(Map<String, List<String>> map, String key) {
        List<String> found = map.get(key);
        if (found == null) {
            throw new IllegalArgumentException("the phrase book has no " + key);
        }
        return found;
    }

    private static List<String> split(String text, String separator) {
        return Arrays.stream(text.split(separator, -1)).map(String::strip).toList();
    }

    private static List<String> lines(String resource) {
        try (InputStream in = Objects.requireNonNull(Phrasebook.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("the phrase book cannot be read", e);
        }
    }
}
