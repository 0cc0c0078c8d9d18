package dev.coppice.adapters.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;

/**
 * The normalizers, splitters, decoders and post-processors of a tokenizer.json that are let through to native code, and
 * with which settings.
 */
final class PartRules {
    private static final int PARTS_MAX = 64;
    /** Whose settings cannot do any harm. */
    private static final Map<String, Set<String>> HARMLESS = Map.of(
            "normalizer",
            Set.of(
                    "BertNormalizer",
                    "ByteLevel",
                    "Lowercase",
                    "NFC",
                    "NFD",
                    "NFKC",
                    "NFKD",
                    "Nmt",
                    "Prepend",
                    "Strip",
                    "StripAccents"),
            "pre_tokenizer",
            Set.of(
                    "BertPreTokenizer",
                    "ByteLevel",
                    "CharDelimiterSplit",
                    "Digits",
                    "Metaspace",
                    "Punctuation",
                    "UnicodeScripts",
                    "Whitespace",
                    "WhitespaceSplit"),
            "decoder",
            Set.of("BPEDecoder", "ByteFallback", "ByteLevel", "CTC", "Fuse", "Metaspace", "WordPiece"),
            "post_processor",
            Set.of("ByteLevel"));

    private static final Map<String, String> LISTS = Map.of(
            "normalizer", "normalizers",
            "pre_tokenizer", "pretokenizers",
            "decoder", "decoders",
            "post_processor", "processors");

    private PartRules() {}

    /** @throws TokenizerRefusedException naming the part and its type */
    static void check(String part, JsonNode node, VocabularyScan ids) throws TokenizerRefusedException {
        if (!HARMLESS.containsKey(part) || node.isNull()) {
            return; // "version", and how to cut and pad, which is never done
        }
        String type = node.path("type").asText();
        if (type.equals("Sequence")) {
            JsonNode list = node.path(LISTS.getOrDefault(part, ""));
            require(list.isArray() && list.size() <= PARTS_MAX, part, type + " without its parts, or with too many");
            for (JsonNode each : list) {
                check(part, each, ids);
            }
            return;
        }
        boolean harmless = HARMLESS.getOrDefault(part, Set.of()).contains(type);
        require(harmless || hasKnownSettings(part, type, node, ids), part, "type '" + shown(type) + "' as it is here");
    }

    private static boolean hasKnownSettings(String part, String type, JsonNode node, VocabularyScan ids)
            throws TokenizerRefusedException {
        return switch (part + " " + type) {
            case "normalizer Replace", "decoder Replace", "pre_tokenizer Split" -> isSafePattern(node.path("pattern"));
            case "normalizer Precompiled" ->
                CharacterMap.isSafe(node.path("precompiled_charsmap").asText());
            case "pre_tokenizer FixedLength" -> node.path("length").asInt() >= 1;
            // Cutting off at the end fails where a token is shorter.
            case "decoder Strip" ->
                node.path("stop").isInt() && node.path("stop").asInt() == 0;
            case "post_processor BertProcessing", "post_processor RobertaProcessing" ->
                ids.hasId(id(node.path("sep").path(1)))
                        && ids.hasId(id(node.path("cls").path(1)));
            case "post_processor TemplateProcessing" -> isSafeTemplate(node, ids);
            default -> false;
        };
    }

    private static boolean isSafePattern(JsonNode pattern) {
        return pattern.path("String").isTextual()
                || (pattern.path("Regex").isTextual()
                        && SplitPattern.isSafe(pattern.path("Regex").asText()));
    }

    /** One text has only an A, and special tokens have ids of the vocabulary. */
    private static boolean isSafeTemplate(JsonNode node, VocabularyScan ids) {
        for (JsonNode special : node.path("special_tokens")) {
            for (JsonNode id : special.path("ids")) {
                if (!ids.hasId(id(id))) {
                    return false;
                }
            }
        }
        return isSafeTemplate(node.path("single"), Set.of("A")) && isSafeTemplate(node.path("pair"), Set.of("A", "B"));
    }

    private static boolean isSafeTemplate(JsonNode pieces, Set<String> texts) {
        if (!pieces.isArray() || pieces.size() > PARTS_MAX) {
            return false;
        }
        for (JsonNode piece : pieces) {
            JsonNode text = piece.path("Sequence");
            if (!text.isMissingNode() && !texts.contains(text.path("id").asText())) {
                return false;
            }
        }
        return true;
    }

    private static long id(JsonNode node) {
        return node.isIntegralNumber() && node.canConvertToInt() ? node.intValue() : -1;
    }

    private static String shown(String type) {
        return type.matches("[A-Za-z]{1,40}") ? type : "?";
    }

    private static void require(boolean fits, String part, String problem) throws TokenizerRefusedException {
        if (!fits) {
            throw new TokenizerRefusedException("the " + part + " of the tokenizer.json is not supported: " + problem);
        }
    }
}
