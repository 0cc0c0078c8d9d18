package dev.coppice.adapters.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a tokenizer.json is held to before native code sees it. The native library ends the whole process where it meets
 * what it did not reckon with: a token that is missing, a length of 0, an index that leads outside, a regular
 * expression that takes too long. So only parts are let through whose every use is known to be safe with every text,
 * and every id that can come out is one of the vocabulary.
 */
final class TokenizerCheck {
    private static final int ADDED_MAX = 1 << 16;

    private final VocabularyScan scan;

    private TokenizerCheck(VocabularyScan scan) {
        this.scan = scan;
    }

    /**
     * One more than the highest token id.
     *
     * @throws TokenizerRefusedException naming the first part that is not let through
     */
    static int vocabularySize(byte[] json) throws TokenizerRefusedException {
        requireUtf8(json);
        VocabularyScan first = VocabularyScan.of(json, Set.of());
        Set<String> named = new HashSet<>();
        named.add(first.model().path("unk_token").asText());
        first.added().forEach(token -> named.add(token.content()));
        TokenizerCheck check = new TokenizerCheck(VocabularyScan.of(json, named));
        check.model();
        for (Map.Entry<String, JsonNode> part : check.scan.parts().properties()) {
            PartRules.check(part.getKey(), part.getValue(), check.scan);
        }
        return check.size();
    }

    /** Jackson may take a name with bytes that are no UTF-8 for another one, and the native library does not. */
    private static void requireUtf8(byte[] json) throws TokenizerRefusedException {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(json));
        } catch (CharacterCodingException e) {
            throw new TokenizerRefusedException("the tokenizer.json has bytes that are no UTF-8", e);
        }
    }

    private void model() throws TokenizerRefusedException {
        JsonNode model = scan.model();
        JsonNode unknown = model.path("unk_token");
        boolean unknownIsThere = unknown.isTextual() && scan.found().containsKey(unknown.asText());
        switch (type(model)) {
            case "BPE" -> {
                require(absent(unknown) || unknownIsThere, "a token for unknown text that is not in its vocabulary");
                require(
                        absent(model.path("continuing_subword_prefix"))
                                || model.path("continuing_subword_prefix")
                                        .asText("?")
                                        .isEmpty(),
                        "a prefix of continuing pieces, which is supported for WordPiece only");
            }
            case "WordPiece", "WordLevel" -> require(unknownIsThere, "no token for unknown text in its vocabulary");
            case "Unigram" -> require(scan.hasId(model.path("unk_id").asLong(-1)), "no unk_id in its vocabulary");
            default ->
                throw new TokenizerRefusedException(
                        "the tokenizer.json has a model that is not of type BPE, WordPiece, WordLevel or Unigram");
        }
    }

    /** Older files do not tell it. */
    private String type(JsonNode model) {
        if (model.has("type")) {
            return model.path("type").asText();
        }
        if (scan.hasMerges()) {
            return "BPE";
        }
        return scan.hasScores() || model.has("unk_id") ? "Unigram" : "WordPiece";
    }

    /**
     * One more than the highest id that can come out. The native library gives added tokens ids of its own where those
     * of the file are taken or leave holes.
     */
    private int size() throws TokenizerRefusedException {
        List<VocabularyScan.Added> tokens = scan.added();
        require(tokens.size() <= ADDED_MAX, "more than " + ADDED_MAX + " added tokens");
        Map<String, Integer> given = new HashMap<>(scan.found());
        int highest = -1;
        int size = scan.vocabularySize();
        for (VocabularyScan.Added token : tokens) {
            int free = Math.max(highest + 1, scan.modelSize());
            int id = given.computeIfAbsent(token.content(), unknown -> free);
            highest = Math.max(highest, id);
            size = Math.max(size, id + 1);
        }
        return size;
    }

    private static boolean absent(JsonNode node) {
        return node.isMissingNode() || node.isNull();
    }

    private static void require(boolean fits, String problem) throws TokenizerRefusedException {
        if (!fits) {
            throw new TokenizerRefusedException("the tokenizer.json has " + problem);
        }
    }
}
