package dev.coppice.protocol;

/** The form of identifiers: 1 to 64 characters of {@code [a-z0-9-]}, and of hashes: 64 lower-case hexadecimal digits. */
public final class Identifiers {
    private static final int SHA256_DIGITS = 64;

    private Identifiers() {}

    /** Whether {@code text} may name a device, population, task, skill or round; safe in a path or URL if so. */
    public static boolean isIdentifier(String text) {
        if (text.isEmpty() || text.length() > Limits.IDENTIFIER_CHARS_MAX) {
            return false;
        }
        return text.chars().allMatch(c -> isLowerCase(c) || isDigit(c) || c == '-');
    }

    /** Whether {@code text} is a SHA-256 as our messages write it. */
    public static boolean isSha256(String text) {
        return text.length() == SHA256_DIGITS && text.chars().allMatch(c -> isDigit(c) || (c >= 'a' && c <= 'f'));
    }

    /**
     * Returns {@code text}.
     *
     * @throws IllegalArgumentException if it is no identifier; the message does not repeat it
     */
    public static String requireIdentifier(String text) {
        if (!isIdentifier(text)) {
            throw new IllegalArgumentException("Not an identifier: 1 to 64 characters of [a-z0-9-] are");
        }
        return text;
    }

    private static boolean isLowerCase(int c) {
        return c >= 'a' && c <= 'z';
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
