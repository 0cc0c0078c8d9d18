package dev.coppice.adapters.model.huggingface;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.coppice.adapters.model.ModelRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One JSON object of a model's folder and its members; null counts as absent. */
final class ConfigJson {
    private static final int BYTES_MAX = 64 << 20;
    private static final int DEPTH_MAX = 32;
    private static final int SIZE_MAX = 1 << 20;
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH_MAX)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final String file;
    private final JsonNode node;

    private ConfigJson(String file, JsonNode node) {
        this.file = file;
        this.node = node;
    }

    /** @throws ModelRefusedException if there is no such file, or it is no JSON object */
    static ConfigJson read(Path path) throws IOException, ModelRefusedException {
        String file = String.valueOf(path.getFileName());
        if (!Files.isRegularFile(path)) {
            throw new ModelRefusedException("there is no " + file + " in " + path.getParent());
        }
        if (Files.size(path) > BYTES_MAX) {
            throw new ModelRefusedException(file + " has more than " + BYTES_MAX + " bytes");
        }
        return of(file, Files.readAllBytes(path));
    }

    static ConfigJson of(String file, byte[] json) throws ModelRefusedException {
        JsonNode node;
        try {
            node = JSON.readTree(json);
        } catch (IOException e) {
            throw new ModelRefusedException(file + " is not JSON", e);
        }
        ConfigJson config = new ConfigJson(file, node);
        config.require(node.isObject(), "is no JSON object");
        return config;
    }

    /** A member that is an object; without members if it is absent. */
    ConfigJson object(String name) throws ModelRefusedException {
        require(!has(name) || node.get(name).isObject(), "has a " + name + " that is no object");
        return new ConfigJson(file, has(name) ? node.get(name) : JSON.createObjectNode());
    }

    boolean has(String name) {
        return node.hasNonNull(name);
    }

    List<String> names() {
        List<String> names = new ArrayList<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** A size from 1 to 2^20. */
    int size(String name) throws ModelRefusedException {
        JsonNode value = node.path(name);
        boolean fits = value.isIntegralNumber()
                && value.canConvertToInt()
                && value.intValue() >= 1
                && value.intValue() <= SIZE_MAX;
        require(fits, "has no size " + name + " from 1 to " + SIZE_MAX);
        return value.intValue();
    }

    int sizeOr(String name, int otherwise) throws ModelRefusedException {
        return has(name) ? size(name) : otherwise;
    }

    double realOr(String name, double otherwise) throws ModelRefusedException {
        return has(name) ? real(name) : otherwise;
    }

    double real(String name) throws ModelRefusedException {
        require(node.path(name).isNumber(), "has no number " + name);
        return node.path(name).doubleValue();
    }

    boolean isTrue(String name) throws ModelRefusedException {
        require(!has(name) || node.get(name).isBoolean(), "has a " + name + " that is neither true nor false");
        return has(name) && node.get(name).booleanValue();
    }

    String textOr(String name, String otherwise) throws ModelRefusedException {
        require(!has(name) || node.get(name).isTextual(), "has a " + name + " that is no text");
        return has(name) ? node.get(name).textValue() : otherwise;
    }

    List<String> texts(String name) throws ModelRefusedException {
        List<String> texts = new ArrayList<>();
        for (JsonNode each : node.path(name)) {
            require(each.isTextual(), "has a " + name + " that holds something else than texts");
            texts.add(each.textValue());
        }
        return texts;
    }

    /** A token id or a list of them; empty if absent. */
    List<Integer> ids(String name) throws ModelRefusedException {
        List<Integer> ids = new ArrayList<>();
        if (has(name)) {
            for (JsonNode each : node.get(name).isArray() ? node.get(name) : List.of(node.get(name))) {
                require(each.isInt() && each.intValue() >= 0, "has a " + name + " that is no token id");
                ids.add(each.intValue());
            }
        }
        return ids;
    }

    void require(boolean fits, String problem) throws ModelRefusedException {
        if (!fits) {
            throw new ModelRefusedException(file + " " + problem);
        }
    }
}
