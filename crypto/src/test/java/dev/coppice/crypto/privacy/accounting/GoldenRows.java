package dev.coppice.crypto.privacy.accounting;

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

        double numberOr(String field, double otherwise) {
            Matcher matcher = pattern(field).matcher(text);
            return matcher.find() && !matcher.group(1).equals("null") ? number(field) : otherwise;
        }

        /** What a row of generated_golden.json is about. */
        PrivacyEvent event() {
            if (text.contains("\"mixed\"")) {
                return poisson(0.01, 1)
                        .times(500)
                        .and(poisson(0.02, 1.5).times(300))
                        .and(new PrivacyEvent.Gaussian(20));
            }
            if (text.contains("\"rho\"")) {
                return new PrivacyEvent.ZeroConcentrated(number("rho"));
            }
            double sigma = number("sigma") / numberOr("sensitivity", 1);
            if (is("name", "tree_single_epoch")) {
                return new PrivacyEvent.Tree(sigma, whole("steps"));
            }
            if (is("name", "wor_gaussian")) {
                return new PrivacyEvent.FixedSizeSampled(whole("N"), whole("n"), new PrivacyEvent.Gaussian(sigma))
                        .times(whole("steps"));
            }
            return poisson(numberOr("q", 1), sigma).times(whole("steps"));
        }

        private static PrivacyEvent poisson(double rate, double sigma) {
            return new PrivacyEvent.PoissonSampled(rate, new PrivacyEvent.Gaussian(sigma));
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
