package dev.coppice.agent.escalation;

/** A text that a {@link Redactor} has seen: the only kind that may leave the device. */
public final class RedactedText {
    private final String text;

    RedactedText(String text) {
        this.text = text;
    }

    /** One line, with placeholders. */
    public String text() {
        return text;
    }

    /** Without the text, which is personal still. */
    @Override
    public String toString() {
        return "RedactedText[" + text.length() + " characters]";
    }
}
