package dev.coppice.adapters.text;

/** Where the token ids of texts come from: a tokenizer, or who remembers what it said. For any number of threads. */
@FunctionalInterface
public interface TokenSource {
    /** Token ids of a text of at most {@link TextTokenizer#TEXT_CHARS_MAX} characters; none for an empty text. */
    int[] encode(String text);
}
