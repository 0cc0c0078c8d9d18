package dev.coppice.agent.store;

/**
 * Something the device's user wrote or said. Has no printable form, so that it cannot end up in a log.
 *
 * @param text 1 to 65,536 bytes of UTF-8
 * @param label what it means, at most 256 bytes of UTF-8; empty where there are no labels
 */
public record Example(String text, String label) {
    /** Longest text, in bytes of UTF-8. */
    public static final int TEXT_BYTES_MAX = 1 << 16;

    /** Longest label, in bytes of UTF-8. */
    public static final int LABEL_BYTES_MAX = 256;

    /** @throws IllegalArgumentException if a part is too long, the text is empty, or a part is not valid Unicode */
    public Example {
        if (text.isEmpty() || bytes(text) > TEXT_BYTES_MAX) {
            throw new IllegalArgumentException("a text has 1 to " + TEXT_BYTES_MAX + " bytes of UTF-8");
        }
        if (bytes(label) > LABEL_BYTES_MAX) {
            throw new IllegalArgumentException("a label has at most " + LABEL_BYTES_MAX + " bytes of UTF-8");
        }
    }

    @Override
    public String toString() {
        return "Example[not printable]";
    }

    private static int bytes(String text) {
        return Frames.utf8(text).length;
    }
}
