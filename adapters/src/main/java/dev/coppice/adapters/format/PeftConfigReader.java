package dev.coppice.adapters.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Reads adapter_config.json, of which every member is either understood, without meaning for factors, or neutral. */
final class PeftConfigReader {
    private static final int NAMES_MAX = 10_000;
    /** Members that say how an adapter came about, or how it is kept, not what it means. */
    private static final Set<String> NO_MATTER = Set.of(
            "auto_mapping",
            "revision",
            "inference_mode",
            "peft_version",
            "fan_in_fan_out", // how the base stores a weight; factors are the same
            "exclude_modules",
            "layers_to_transform",
            "layers_pattern", // these three leave modules out, which then have no factors
            "eva_config",
            "corda_config",
            "loftq_config",
            "lora_ga_config",
            "megatron_core",
            "qalora_group_size",
            "runtime_config");

    private static final Set<String> UNDERSTOOD = Set.of(
            "peft_type",
            "task_type",
            "base_model_name_or_path",
            "r",
            "lora_alpha",
            "use_rslora",
            "rank_pattern",
            "alpha_pattern",
            "target_modules",
            "modules_to_save",
            "lora_dropout",
            "bias",
            "init_lora_weights");
    /** Ways to start that leave the base model as it is; others put a part of it into the factors. */
    private static final Set<String> PLAIN_STARTS = Set.of("gaussian", "eva", "orthogonal");

    private final JsonNode config;

    PeftConfigReader(JsonNode config) {
        this.config = config;
    }

    PeftConfig read() throws FormatRefusedException {
        require(config.isObject(), "is no JSON object");
        String type = text("peft_type");
        require(type.equals("LORA"), "is of an adapter of type '" + shortened(type) + "', not LORA");
        for (Map.Entry<String, JsonNode> member : config.properties()) {
            String name = member.getKey();
            boolean known = UNDERSTOOD.contains(name) || NO_MATTER.contains(name);
            require(
                    known || isNeutral(member.getValue()),
                    "asks for '" + shortened(name) + "', which is not supported");
        }
        require(
                Set.of("none", "").contains(text("bias")),
                "trains biases of the base model (bias), which is not supported");
        JsonNode start = config.path("init_lora_weights");
        require(
                isNeutral(start) || start.isBoolean() || PLAIN_STARTS.contains(start.asText()),
                "started from '" + shortened(start.asText())
                        + "' (init_lora_weights), so that it fits a changed base model; convert it with PEFT first");
        PeftStrength strength = new PeftStrength(
                whole("r", config.path("r")),
                real("lora_alpha", config.path("lora_alpha")),
                isTrue("use_rslora"),
                map("rank_pattern", this::whole),
                map("alpha_pattern", this::real));
        return new PeftConfig(
                text("base_model_name_or_path"), text("task_type"), strength, targets(), dropout(), saved());
    }

    private PeftTargets targets() throws FormatRefusedException {
        JsonNode targets = config.path("target_modules");
        return targets.isTextual()
                ? new PeftTargets(List.of(), targets.textValue())
                : PeftTargets.ends(names("target_modules", targets));
    }

    private List<String> saved() throws FormatRefusedException {
        JsonNode saved = config.path("modules_to_save");
        return isNeutral(saved) ? List.of() : names("modules_to_save", saved);
    }

    private double dropout() throws FormatRefusedException {
        return config.hasNonNull("lora_dropout") ? real("lora_dropout", config.path("lora_dropout")) : 0;
    }

    private List<String> names(String member, JsonNode array) throws FormatRefusedException {
        require(array.isArray() && array.size() <= NAMES_MAX, "has a " + member + " that is no list of names");
        List<String> names = new ArrayList<>();
        for (JsonNode name : array) {
            require(
                    name.isTextual() && !name.textValue().isBlank(),
                    "has a " + member + " with something else than names");
            names.add(name.textValue());
        }
        return names;
    }

    /** Reads one value of a member. */
    @FunctionalInterface
    private interface Value<T> {
        T of(String member, JsonNode value) throws FormatRefusedException;
    }

    private <T> Map<String, T> map(String member, Value<T> value) throws FormatRefusedException {
        JsonNode node = config.path(member);
        require(isNeutral(node) || node.isObject(), "has a " + member + " that is no object");
        require(node.size() <= NAMES_MAX, "has a " + member + " of more than " + NAMES_MAX + " modules");
        Map<String, T> map = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            map.put(entry.getKey(), value.of(member, entry.getValue()));
        }
        return map;
    }

    private int whole(String member, JsonNode value) throws FormatRefusedException {
        require(value.isIntegralNumber() && value.canConvertToInt(), "has a " + member + " that is no whole number");
        return value.intValue();
    }

    private double real(String member, JsonNode value) throws FormatRefusedException {
        require(value.isNumber(), "has a " + member + " that is no number");
        return value.doubleValue();
    }

    private boolean isTrue(String member) throws FormatRefusedException {
        JsonNode value = config.path(member);
        require(isNeutral(value) || value.isBoolean(), "has a " + member + " that is neither true nor false");
        return value.asBoolean();
    }

    private String text(String member) throws FormatRefusedException {
        JsonNode value = config.path(member);
        require(isNeutral(value) || value.isTextual(), "has a " + member + " that is no text");
        return value.isTextual() ? value.textValue() : "";
    }

    /** Absent, null, false, or holding nothing. */
    private static boolean isNeutral(JsonNode value) {
        Predicate<JsonNode> off = node -> node.isBoolean() && !node.booleanValue();
        return value.isMissingNode()
                || value.isNull()
                || off.test(value)
                || (value.isContainerNode() && value.isEmpty());
    }

    private static String shortened(String text) {
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    }

    private static void require(boolean fits, String problem) throws FormatRefusedException {
        if (!fits) {
            throw new FormatRefusedException("adapter_config.json " + problem);
        }
    }
}
