package dev.coppice.adapters.inference;

import dev.coppice.adapters.text.TextTokenizer;
import java.util.Arrays;

/**
 * Token ids to text, piece by piece, so that all pieces together are the text of all ids. A token's text depends on
 * those before it (a leading space, the first bytes of a character): each piece is what a few ids decode to beyond what
 * the same ids without the new ones do. Text that ends within a character is held back until the character is whole.
 * Not thread-safe.
 */
final class TextPieces {
    /** What a decoder writes for bytes that are no character, or not yet. */
    private static final char UNFINISHED = '\ufffd';

    private static final int CONTEXT = 8;

    private final TextTokenizer tokenizer;
    private int[] ids;
    /** Up to here ids have been told. */
    private int told;

    /** @param before ids whose text is known already, such as those of a prompt */
    TextPieces(TextTokenizer tokenizer, int[] before) {
        this.tokenizer = tokenizer;
        this.ids = Arrays.copyOfRange(before, Math.max(0, before.length - CONTEXT), before.length);
        this.told = ids.length;
    }

    /** What can be told now that this id is there; empty if it ends within a character. */
    String add(int id) {
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = id;
        String text = pending();
        if (!text.isEmpty() && text.charAt(text.length() - 1) == UNFINISHED) {
            return "";
        }
        tell();
        return text;
    }

    /** What was held back; nothing follows. */
    String rest() {
        String text = pending();
        tell();
        return text;
    }

    private String pending() {
        String before = tokenizer.decode(Arrays.copyOf(ids, told));
        String all = tokenizer.decode(ids);
        return all.startsWith(before) ? all.substring(before.length()) : "";
    }

    private void tell() {
        ids = Arrays.copyOfRange(ids, Math.max(0, ids.length - CONTEXT), ids.length);
        told = ids.length;
    }
}
