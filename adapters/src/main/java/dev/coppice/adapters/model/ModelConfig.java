package dev.coppice.adapters.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What coppice-model.json says of a base model.
 *
 * @param name the model's name, such as {@code pico}
 * @param tasks some of {@value #CAUSAL_LM} and {@value #TEXT_CLASSIFICATION}
 * @param vocabularySize token ids are below this
 * @param hiddenSize values of the model's pooled output, one row a text
 * @param lengthMax tokens that a text is cut to
 * @param padId token id that fills up short rows
 * @param bosId token id that starts a text
 * @param eosIds token ids that end a text; the first is the one that training puts there
 * @param loraTargets last parts of the paths of modules that adapters attach to, such as {@code q_proj}
 * @param labels what the model's own head knows, in the order of its outputs; empty if it has none
 * @param files SHA-256, 64 hex digits, of every other file of the model by its name: model.onnx, tokenizer.json and the
 *     files with weights that model.onnx names
 */
public record ModelConfig(
        String name,
        List<String> tasks,
        int vocabularySize,
        int hiddenSize,
        int lengthMax,
        int padId,
        int bosId,
        List<Integer> eosIds,
        List<String> loraTargets,
        List<String> labels,
        Map<String, String> files) {
    public static final String CAUSAL_LM = "causal-lm";
    public static final String TEXT_CLASSIFICATION = "text-classification";

    private static final int MEMBERS = 11;
    private static final int SIZE_MAX = 1 << 20;
    private static final int LABELS_MAX = 10_000;
    private static final int EOS_IDS_MAX = 100;
    private static final int FILES_MAX = 1_000;
    private static final Predicate<String> FILE_NAME =
            Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}").asMatchPredicate();
    private static final Predicate<String> SHA256 =
            Pattern.compile("[0-9a-f]{64}").asMatchPredicate();
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /** @throws IllegalArgumentException if a value is out of range */
    public ModelConfig {
        tasks = List.copyOf(tasks);
        loraTargets = List.copyOf(loraTargets);
        labels = List.copyOf(labels);
        eosIds = List.copyOf(eosIds);
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
        require(!name.isBlank() && name.length() <= 100, "name has 1 to 100 characters");
        require(!tasks.isEmpty() && List.of(CAUSAL_LM, TEXT_CLASSIFICATION).containsAll(tasks), "tasks are unknown");
        require(vocabularySize >= 1 && vocabularySize <= SIZE_MAX, "vocabularySize is out of range");
        require(hiddenSize >= 1 && hiddenSize <= SIZE_MAX, "hiddenSize is out of range");
        require(lengthMax >= 2 && lengthMax <= SIZE_MAX, "lengthMax is out of range");
        require(isToken(padId, vocabularySize), "padId is not a token id");
        require(isToken(bosId, vocabularySize), "bosId is not a token id");
        require(!eosIds.isEmpty() && eosIds.size() <= EOS_IDS_MAX, "eosIds are missing or too many");
        for (int id : eosIds) {
            require(isToken(id, vocabularySize), "one of eosIds is not a token id");
        }
        require(!loraTargets.isEmpty() && loraTargets.stream().noneMatch(String::isBlank), "loraTargets are missing");
        require(labels.size() <= LABELS_MAX && labels.stream().noneMatch(String::isBlank), "labels are out of range");
        require(new HashSet<>(labels).size() == labels.size(), "two labels are the same");
        require(files.keySet().containsAll(List.of(BaseModel.ONNX, BaseModel.TOKENIZER)), "files are missing");
        require(files.size() <= FILES_MAX && files.keySet().stream().allMatch(FILE_NAME), "files are out of range");
        require(files.values().stream().allMatch(SHA256), "a SHA-256 has 64 hex digits");
    }

    /** The token id that training puts after a text. */
    public int eosId() {
        return eosIds.get(0);
    }

    /** Whether the model has a trained head. */
    public boolean hasHead() {
        return !labels.isEmpty();
    }

    /** UTF-8, indented; equal configurations give equal bytes. */
    public byte[] toJson() {
        try {
            return (JSON.writeValueAsString(this) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record of plain values is always JSON", e);
        }
    }

    /**
     * Reads a configuration.
     *
     * @throws ModelRefusedException if this is not one, or a value is missing, unknown or out of range
     */
    public static ModelConfig fromJson(byte[] json) throws ModelRefusedException {
        try {
            JsonNode tree = JSON.readTree(json);
            if (tree.size() != MEMBERS) {
                throw new IllegalArgumentException("it has " + tree.size() + " members and should have " + MEMBERS);
            }
            return new ModelConfig(
                    text(member(tree, "name")),
                    list(member(tree, "tasks"), ModelConfig::text),
                    number(member(tree, "vocabularySize")),
                    number(member(tree, "hiddenSize")),
                    number(member(tree, "lengthMax")),
                    number(member(tree, "padId")),
                    number(member(tree, "bosId")),
                    list(member(tree, "eosIds"), ModelConfig::number),
                    list(member(tree, "loraTargets"), ModelConfig::text),
                    list(member(tree, "labels"), ModelConfig::text),
                    texts(member(tree, "files")));
        } catch (IOException | IllegalArgumentException e) {
            throw new ModelRefusedException("coppice-model.json is not what it should be", e);
        }
    }

    /** By hand: a binder that finds the members by itself takes longer to be ready than all of an agent's files to be read. */
    private static JsonNode member(JsonNode tree, String name) {
        JsonNode member = tree.get(name);
        require(member != null, name + " is missing");
        return Objects.requireNonNull(member);
    }

    private static String text(JsonNode node) {
        require(node.isTextual(), "something is no text");
        return node.textValue();
    }

    private static int number(JsonNode node) {
        require(node.isInt(), "something is no whole number, or too large");
        return node.intValue();
    }

    private static <T> List<T> list(JsonNode node, Function<JsonNode, T> entry) {
        require(node.isArray(), "something is no list");
        List<T> list = new ArrayList<>();
        node.forEach(element -> list.add(entry.apply(element)));
        return list;
    }

    private static Map<String, String> texts(JsonNode node) {
        require(node.isObject(), "something is no object");
        Map<String, String> texts = new TreeMap<>();
        node.properties().forEach(entry -> texts.put(entry.getKey(), text(entry.getValue())));
        return texts;
    }

    private static boolean isToken(int id, int vocabularySize) {
        return id >= 0 && id < vocabularySize;
    }

    private static void require(boolean fits, String rule) {
        if (!fits) {
            throw new IllegalArgumentException(rule);
        }
    }
}
