package dev.coppice.adapters.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.google.errorprone.annotations.MustBeClosed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Text to token ids and back, as a Hugging Face tokenizer.json says. Special tokens are added only where asked for, and
 * nothing is cut off or padded. Thread-safe; native memory is freed by {@link #close}.
 */
public final class TextTokenizer implements TokenSource, AutoCloseable {
    /** Longest tokenizer.json that is read. */
    public static final int FILE_BYTES_MAX = 32 << 20;

    /** Longest text, in UTF-16 units: splitting takes steps for each character, and native code has a limit on those. */
    public static final int TEXT_CHARS_MAX = 1 << 19;

    static {
        // The library would otherwise ask a metadata service where it runs, and report that.
        System.setProperty("OPT_OUT_TRACKING", "true");
        System.setProperty("ai.djl.offline", "true");
    }

    private final HuggingFaceTokenizer tokenizer;
    private final int vocabularySize;

    private TextTokenizer(HuggingFaceTokenizer tokenizer, int vocabularySize) {
        this.tokenizer = tokenizer;
        this.vocabularySize = vocabularySize;
    }

    /**
     * A tokenizer from its tokenizer.json.
     *
     * @throws TokenizerRefusedException if the file is no tokenizer of a known kind
     */
    @MustBeClosed
    public static TextTokenizer open(Path file) throws IOException, TokenizerRefusedException {
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new TokenizerRefusedException("a tokenizer.json has at most " + FILE_BYTES_MAX + " bytes");
        }
        return of(Files.readAllBytes(file));
    }

    /**
     * A tokenizer from the bytes of its tokenizer.json.
     *
     * @throws TokenizerRefusedException if they are no tokenizer of a known kind
     */
    @MustBeClosed
    public static TextTokenizer of(byte[] json) throws TokenizerRefusedException {
        if (json.length > FILE_BYTES_MAX) {
            throw new TokenizerRefusedException("a tokenizer.json has at most " + FILE_BYTES_MAX + " bytes");
        }
        int vocabularySize = TokenizerCheck.vocabularySize(json);
        try {
            HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(json),
                    Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"));
            return new TextTokenizer(tokenizer, vocabularySize);
        } catch (IOException | RuntimeException e) { // the native reader reports every problem as a RuntimeException
            throw new TokenizerRefusedException("the tokenizer.json cannot be used", e);
        }
    }

    @Override
    public int[] encode(String text) {
        return text.isEmpty() ? new int[0] : ids(text, false);
    }

    /** As {@link #encode}, with the special tokens that the tokenizer puts around a text. */
    public int[] encodeWithSpecial(String text) {
        return ids(text, true);
    }

    private int[] ids(String text, boolean special) {
        if (text.length() > TEXT_CHARS_MAX) {
            throw new IllegalArgumentException("a text of more than " + TEXT_CHARS_MAX + " characters");
        }
        long[] ids = tokenizer.encode(text, special, false).getIds();
        int[] tokens = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            tokens[i] = Math.toIntExact(ids[i]);
        }
        return tokens;
    }

    /** The text of token ids; special tokens are left out. */
    public String decode(int[] tokens) {
        return text(tokens, true);
    }

    /** The text of token ids, special tokens by their names. */
    public String decodeWithSpecial(int[] tokens) {
        return text(tokens, false);
    }

    private String text(int[] tokens, boolean withoutSpecial) {
        long[] ids = new long[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            ids[i] = tokens[i];
        }
        return tokenizer.decode(ids, withoutSpecial);
    }

    /** One more than the highest token id. */
    public int vocabularySize() {
        return vocabularySize;
    }

    @Override
    public void close() {
        tokenizer.close();
    }
}
