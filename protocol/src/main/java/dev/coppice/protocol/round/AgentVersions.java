package dev.coppice.protocol.round;

/** Versions of agents as check-ins tell them: {@code 1000 * major + minor}, and nothing finer. */
public final class AgentVersions {
    /** What a device has that tells none. */
    public static final int UNKNOWN = 0;

    private static final int MAJOR = 1000;

    private AgentVersions() {}

    /**
     * The number of a version.
     *
     * @param text {@code major.minor}, whatever follows, such as {@code 1.12.3-SNAPSHOT}; each below 1000
     * @throws IllegalArgumentException if it does not begin so, or both are 0
     */
    public static int of(String text) {
        String[] parts = text.split("\\.", -1);
        if (parts.length < 2 || !isNumber(parts[0]) || !isNumber(digits(parts[1]))) {
            throw new IllegalArgumentException("a version begins with major.minor, each below 1000");
        }
        int number = MAJOR * Integer.parseInt(parts[0]) + Integer.parseInt(digits(parts[1]));
        if (number == UNKNOWN) {
            throw new IllegalArgumentException("versions begin with 0.1");
        }
        return number;
    }

    /** {@code major.minor}; {@code unknown} for who tells none. */
    public static String text(int number) {
        return number == UNKNOWN ? "unknown" : number / MAJOR + "." + number % MAJOR;
    }

    private static String digits(String part) {
        int end = 0;
        while (end < part.length() && Character.digit(part.charAt(end), 10) >= 0) {
            end++;
        }
        return part.substring(0, end);
    }

    private static boolean isNumber(String text) {
        return text.matches("[0-9]{1,3}");
    }
}
