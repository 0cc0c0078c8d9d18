package dev.coppice.adapters.text;

/**
 * Something a person said, and what was meant. Personal: never logged.
 *
 * @param text what was said or written
 * @param label one of the task's labels; empty where the task has none
 */
public record Example(String text, String label) {
    /** Without the text. */
    @Override
    public String toString() {
        return "Example[" + text.length() + " characters]";
    }
}
