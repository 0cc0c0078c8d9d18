package dev.coppice.crypto.trust;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * JSON as TUF has it: read strictly (no name twice, nothing after the end, no fractions), and written in OLPC's canonical
 * form, which is what gets signed. Member names are ordered by their UTF-16 code units.
 */
final class MetadataJson {
    private static final int DEPTH_MAX = 16;
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH_MAX)
                            .maxNumberLength(20)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private MetadataJson() {}

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static JsonNode parse(byte[] bytes) throws MetadataRefusedException.Malformed {
        try {
            return JSON.readTree(bytes);
        } catch (IOException e) {
            throw new MetadataRefusedException.Malformed("not JSON");
        }
    }

    /** Ordinary JSON, for files; equal trees give equal bytes. */
    static byte[] file(JsonNode node) {
        try {
            return JSON.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values is always JSON", e);
        }
    }

    /**
     * The bytes that are signed.
     *
     * @throws MetadataRefusedException.Malformed if something in it has no canonical form
     */
    static byte[] canonical(JsonNode node) throws MetadataRefusedException.Malformed {
        StringBuilder text = new StringBuilder();
        append(text, node);
        try {
            ByteBuffer encoded = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
            byte[] bytes = new byte[encoded.remaining()];
            encoded.get(bytes);
            return bytes;
        } catch (CharacterCodingException e) {
            throw new MetadataRefusedException.Malformed("half a character");
        }
    }

    private static void append(StringBuilder text, JsonNode node) throws MetadataRefusedException.Malformed {
        if (node.isObject()) {
            appendObject(text, node);
        } else if (node.isArray()) {
            String separator = "[";
            for (JsonNode element : node) {
                text.append(separator);
                append(text, element);
                separator = ",";
            }
            text.append(node.isEmpty() ? "[]" : "]");
        } else if (node.isTextual()) {
            appendText(text, node.textValue());
        } else if (node.isIntegralNumber() && node.canConvertToLong()) {
            text.append(node.longValue());
        } else if (node.isBoolean() || node.isNull()) {
            text.append(node.asText());
        } else {
            throw new MetadataRefusedException.Malformed("a number that is not whole");
        }
    }

    private static void appendObject(StringBuilder text, JsonNode object) throws MetadataRefusedException.Malformed {
        List<String> names = new ArrayList<>();
        for (Iterator<String> all = object.fieldNames(); all.hasNext(); ) {
            names.add(all.next());
        }
        names.sort(null);
        text.append('{');
        for (int i = 0; i < names.size(); i++) {
            if (i > 0) {
                text.append(',');
            }
            appendText(text, names.get(i));
            text.append(':');
            append(text, object.path(names.get(i)));
        }
        text.append('}');
    }

    private static void appendText(StringBuilder text, String value) {
        text.append('"')
                .append(value.replace("\\", "\\\\").replace("\"", "\\\""))
                .append('"');
    }
}
