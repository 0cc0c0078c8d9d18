package dev.coppice.adapters.format;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A regular expression from an adapter's configuration, matched against paths of modules. As the expression may be
 * anybody's, matching gives up after a number of steps.
 */
final class PeftPattern {
    private static final int LENGTH_MAX = 10_000;
    private static final int STEPS_MAX = 1_000_000;

    private final Pattern pattern;

    private PeftPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /** An expression for whole paths, as {@code target_modules} has it. */
    static PeftPattern whole(String expression) throws FormatRefusedException {
        if (expression.length() > LENGTH_MAX) {
            throw new FormatRefusedException(
                    "adapter_config.json has a pattern of more than " + LENGTH_MAX + " characters");
        }
        try {
            return new PeftPattern(Pattern.compile(expression));
        } catch (PatternSyntaxException | StackOverflowError e) { // the compiler of patterns is recursive
            throw new FormatRefusedException("adapter_config.json has a pattern that is no regular expression", e);
        }
    }

    /** An expression for the ends of paths, from a dot on, as {@code rank_pattern} has it; after ^ for whole paths. */
    static PeftPattern end(String expression) throws FormatRefusedException {
        return whole(expression.startsWith("^") ? expression : "(?:.*\\.)?(?:" + expression + ")");
    }

    /** @throws FormatRefusedException if this cannot be told in reasonable time */
    boolean matches(String path) throws FormatRefusedException {
        try {
            return pattern.matcher(new Steps(path, new int[1])).matches();
        } catch (IllegalStateException | StackOverflowError e) {
            throw new FormatRefusedException("adapter_config.json has a pattern that takes too long to match", e);
        }
    }

    /** Counts how often a character is looked at. */
    private static final class Steps implements CharSequence {
        private final String text;
        private final int[] steps;

        Steps(String text, int[] steps) {
            this.text = text;
            this.steps = steps;
        }

        @Override
        public char charAt(int index) {
            if (++steps[0] > STEPS_MAX) {
                throw new IllegalStateException("too many steps");
            }
            return text.charAt(index);
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return new Steps(text.substring(start, end), steps);
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
