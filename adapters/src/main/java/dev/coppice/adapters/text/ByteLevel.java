package dev.coppice.adapters.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** How GPT-2 cuts text into words and shows every byte as one printable character. */
final class ByteLevel {
    /** Contractions, words, numbers and other signs with one space before them, and runs of spaces. */
    static final Pattern WORD = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);

    private static final int BYTES = 256;
    private static final String[] SYMBOLS = symbols();

    private ByteLevel() {}

    /** The 256 characters that stand for bytes, sorted. */
    static List<String> alphabet() {
        List<String> alphabet = new ArrayList<>(List.of(SYMBOLS));
        alphabet.sort(null);
        return alphabet;
    }

    /** One symbol for each byte of a word's UTF-8. */
    static List<String> symbols(String word) {
        List<String> symbols = new ArrayList<>();
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            symbols.add(SYMBOLS[b & 0xff]);
        }
        return symbols;
    }

    /** Printable bytes stand for themselves, the others for characters from U+0100 on. */
    private static String[] symbols() {
        String[] symbols = new String[BYTES];
        int next = BYTES;
        for (int b = 0; b < BYTES; b++) {
            boolean printable = (b >= '!' && b <= '~') || (b >= 0xa1 && b <= 0xac) || b >= 0xae;
            symbols[b] = Character.toString(printable ? b : next++);
        }
        return symbols;
    }
}
