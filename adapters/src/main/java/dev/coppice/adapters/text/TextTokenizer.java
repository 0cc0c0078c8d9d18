package dev.coppice.adapters.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.MustBeClosed;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Text to token ids and back, as a Hugging Face tokenizer.json says. No special tokens are added and nothing is cut
 * off or padded. Thread-safe; native memory is freed by {@link #close}.
 */
public final class TextTokenizer implements AutoCloseable {
    /** Longest tokenizer.json that is read. */
    public static final int FILE_BYTES_MAX = 32 << 20;

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
        int vocabularySize = vocabularySize(json);
        try {
            HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.newInstance(
                    new ByteArrayInputStream(json),
                    Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false"));
            return new TextTokenizer(tokenizer, vocabularySize);
        } catch (IOException | RuntimeException e) { // the native reader reports every problem as a RuntimeException
            throw new TokenizerRefusedException("the tokenizer.json cannot be used", e);
        }
    }

    /** Token ids of a text; none for an empty text. */
    public int[] encode(String text) {
        if (text.isEmpty()) {
            return new int[0];
        }
        long[] ids = tokenizer.encode(text, false, false).getIds();
        int[] tokens = new int[ids.length];
        for (int i = 0; i < ids.length; i++) {
            tokens[i] = Math.toIntExact(ids[i]);
        }
        return tokens;
    }

    /** The text of token ids; special tokens are left out. */
    public String decode(int[] tokens) {
        long[] ids = new long[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            ids[i] = tokens[i];
        }
        return tokenizer.decode(ids, true);
    }

    /** One more than the highest token id. */
    public int vocabularySize() {
        return vocabularySize;
    }

    @Override
    public void close() {
        tokenizer.close();
    }

    private static int vocabularySize(byte[] json) throws TokenizerRefusedException {
        JsonNode root;
        try {
            root = new ObjectMapper().readTree(json);
        } catch (IOException e) {
            throw new TokenizerRefusedException("the tokenizer.json is not JSON", e);
        }
        Set<Integer> ids = new HashSet<>();
        root.path("model").path("vocab").forEach(id -> ids.add(id.asInt(-1)));
        root.path("added_tokens").forEach(token -> ids.add(token.path("id").asInt(-1)));
        int highest = ids.stream().mapToInt(Integer::intValue).max().orElse(-1);
        if (highest < 0 || ids.contains(-1)) {
            throw new TokenizerRefusedException("the tokenizer.json has no usable vocabulary");
        }
        return highest + 1;
    }
}
