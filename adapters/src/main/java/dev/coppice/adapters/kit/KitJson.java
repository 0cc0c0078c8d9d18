package dev.coppice.adapters.kit;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Specs and manifests as JSON: written in one canonical form, read strictly (no unknown or missing members). */
final class KitJson {
    /** Of the spec's JSON. */
    private static final int VERSION = 4;

    private static final int DEPTH_MAX = 10;
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEPTH_MAX)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private KitJson() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static byte[] bytes(ObjectNode node) {
        try {
            return MAPPER.writeValueAsBytes(node);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values is always JSON", e);
        }
    }

    static JsonNode parse(byte[] json) throws KitRefusedException {
        try {
            return MAPPER.readTree(json);
        } catch (IOException e) {
            throw new KitRefusedException("not JSON", e);
        }
    }

    static ObjectNode write(KitSpec spec) {
        ObjectNode node = object();
        node.put("version", VERSION);
        node.put("task", spec.task().name());
        LoraJson.write(spec.lora(), node.putObject("lora"));
        node.putObject("objective")
                .put("proximal", spec.objective().proximal())
                .put("closeness", spec.objective().closeness())
                .put("temperature", spec.objective().temperature())
                .put("pooling", spec.objective().pooling().name())
                .put("teacherClasses", spec.objective().teacherClasses());
        ArrayNode labels = node.putArray("labels");
        spec.labels().forEach(labels::add);
        node.put("batch", spec.batch());
        node.put("length", spec.length());
        node.put("predictedMax", spec.predictedMax());
        return node;
    }

    static KitSpec spec(JsonNode node) throws KitRefusedException {
        members(node, "version", "task", "lora", "objective", "labels", "batch", "length", "predictedMax");
        if (integer(node, "version") != VERSION) {
            throw new KitRefusedException("a spec of another version");
        }
        try {
            return new KitSpec(
                    Task.valueOf(text(node, "task")),
                    LoraJson.read(node.get("lora")),
                    objective(node.get("objective")),
                    texts(node, "labels"),
                    integer(node, "batch"),
                    integer(node, "length"),
                    integer(node, "predictedMax"));
        } catch (IllegalArgumentException e) {
            throw new KitRefusedException("a spec of a kit has a value out of range", e);
        }
    }

    private static Objective objective(JsonNode node) throws KitRefusedException {
        members(node, "proximal", "closeness", "temperature", "pooling", "teacherClasses");
        return new Objective(
                real(node, "proximal"),
                real(node, "closeness"),
                real(node, "temperature"),
                Pooling.valueOf(text(node, "pooling")),
                integer(node, "teacherClasses"));
    }

    /** Checks that a node is an object with exactly these members. */
    static void members(JsonNode node, String... names) throws KitRefusedException {
        Set<String> found = new HashSet<>();
        node.fieldNames().forEachRemaining(found::add);
        if (!node.isObject() || !found.equals(Set.of(names))) {
            throw new KitRefusedException("expected an object with the members " + String.join(", ", names));
        }
    }

    static String text(JsonNode node, String name) throws KitRefusedException {
        return checked(node, name, node.get(name).isTextual()).textValue();
    }

    static int integer(JsonNode node, String name) throws KitRefusedException {
        return checked(
                        node,
                        name,
                        node.get(name).canConvertToInt() && node.get(name).isIntegralNumber())
                .intValue();
    }

    static long whole(JsonNode node, String name) throws KitRefusedException {
        return checked(
                        node,
                        name,
                        node.get(name).isIntegralNumber() && node.get(name).canConvertToLong())
                .longValue();
    }

    static double real(JsonNode node, String name) throws KitRefusedException {
        return checked(node, name, node.get(name).isNumber()).doubleValue();
    }

    static boolean truth(JsonNode node, String name) throws KitRefusedException {
        return checked(node, name, node.get(name).isBoolean()).booleanValue();
    }

    static JsonNode array(JsonNode node, String name) throws KitRefusedException {
        return checked(node, name, node.get(name).isArray());
    }

    static List<String> texts(JsonNode node, String name) throws KitRefusedException {
        List<String> texts = new ArrayList<>();
        for (JsonNode text : array(node, name)) {
            if (!text.isTextual()) {
                throw new KitRefusedException("member " + name + " holds something that is not text");
            }
            texts.add(text.textValue());
        }
        return texts;
    }

    private static JsonNode checked(JsonNode node, String name, boolean fits) throws KitRefusedException {
        if (!fits) {
            throw new KitRefusedException("member " + name + " has the wrong type");
        }
        return node.get(name);
    }
}
