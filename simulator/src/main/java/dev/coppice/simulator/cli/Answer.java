package dev.coppice.simulator.cli;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Named figures and texts, in the order in which they are told: as lines for people or as one JSON object. */
final class Answer {
    private final Map<String, String> figures = new LinkedHashMap<>();
    private final Set<String> texts = new HashSet<>();
    private final Map<String, List<Answer>> lists = new LinkedHashMap<>();

    /** Four decimals, never less than {@code value}: a cost is not to be understated. */
    static BigDecimal up(double value) {
        return new BigDecimal(value).setScale(4, RoundingMode.CEILING).stripTrailingZeros();
    }

    Answer add(String name, String text) {
        figures.put(name, text);
        texts.add(name);
        return this;
    }

    Answer add(String name, long value) {
        figures.put(name, Long.toString(value));
        return this;
    }

    /** Answers of the same form, one below the other. */
    Answer add(String name, List<Answer> parts) {
        lists.put(name, List.copyOf(parts));
        return this;
    }

    /** A figure that is no finite number is told as null: JSON has no other word for it. */
    Answer add(String name, double value) {
        if (!Double.isFinite(value)) {
            figures.put(name, "null");
            return this;
        }
        return add(name, new BigDecimal(value).round(new MathContext(6)).stripTrailingZeros());
    }

    Answer add(String name, BigDecimal value) {
        boolean plain = value.signum() == 0 || value.abs().compareTo(new BigDecimal("0.001")) >= 0;
        figures.put(name, plain ? value.toPlainString() : value.toString());
        return this;
    }

    void print(PrintWriter out, boolean json) {
        if (json) {
            out.println(json());
        } else {
            figures.forEach((name, value) -> out.printf("%-18s %s%n", words(name), value));
            lists.forEach((name, parts) -> parts.forEach(part -> out.printf("%-18s %s%n", words(name), part.line())));
        }
        out.flush();
    }

    private String json() {
        Stream<String> own = figures.entrySet().stream()
                .map(figure -> quoted(figure.getKey()) + ":"
                        + (texts.contains(figure.getKey()) ? quoted(figure.getValue()) : figure.getValue()));
        Stream<String> listed = lists.entrySet().stream()
                .map(list -> quoted(list.getKey()) + ":"
                        + list.getValue().stream().map(Answer::json).collect(Collectors.joining(",", "[", "]")));
        return Stream.concat(own, listed).collect(Collectors.joining(",", "{", "}"));
    }

    private String line() {
        return figures.entrySet().stream()
                .map(figure -> words(figure.getKey()) + " " + figure.getValue())
                .collect(Collectors.joining(", "));
    }

    private static String quoted(String text) {
        return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }

    private static String words(String name) {
        return name.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
    }
}
