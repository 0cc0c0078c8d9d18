package dev.coppice.simulator.cli;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Named figures and texts, in the order in which they are told: as lines for people or as one JSON object. */
final class Answer {
    private final Map<String, String> figures = new LinkedHashMap<>();
    private final Set<String> texts = new HashSet<>();

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
            out.println(figures.entrySet().stream()
                    .map(figure -> quoted(figure.getKey()) + ":"
                            + (texts.contains(figure.getKey()) ? quoted(figure.getValue()) : figure.getValue()))
                    .collect(Collectors.joining(",", "{", "}")));
        } else {
            figures.forEach((name, value) -> out.printf("%-18s %s%n", words(name), value));
        }
        out.flush();
    }

    private static String quoted(String text) {
        return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }

    private static String words(String name) {
        return name.replaceAll("([A-Z])", " $1").toLowerCase(Locale.ROOT);
    }
}
