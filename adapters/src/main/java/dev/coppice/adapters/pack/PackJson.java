package dev.coppice.adapters.pack;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;

/** JSON files of a pack: indented, with a fixed order of members; read with limits. */
final class PackJson {
    private static final int BYTES_MAX = 1 << 20;
    private static final MathContext NINE_DIGITS = new MathContext(9);
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(8).build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    private PackJson() {}

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static byte[] bytes(ObjectNode node) {
        try {
            return (JSON.writeValueAsString(node).replace("\r\n", "\n") + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values is always JSON", e);
        }
    }

    /**
     * A number as files have it: nine digits, the same on every version of Java. Writing it again after reading it changes
     * nothing.
     *
     * @param value finite
     */
    static BigDecimal figure(double value) {
        return new BigDecimal(value).round(NINE_DIGITS).stripTrailingZeros();
    }

    static JsonNode parse(byte[] json, String file) throws PackRefusedException {
        return parse(json, file, BYTES_MAX);
    }

    static JsonNode parse(byte[] json, String file, int bytesMax) throws PackRefusedException {
        if (json.length > bytesMax) {
            throw new PackRefusedException(file + " has more than " + bytesMax + " bytes");
        }
        try {
            return JSON.readTree(json);
        } catch (IOException e) {
            throw new PackRefusedException(file + " is not JSON", e);
        }
    }
}
