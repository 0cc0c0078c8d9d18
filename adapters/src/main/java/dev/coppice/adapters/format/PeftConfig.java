package dev.coppice.adapters.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * What adapter_config.json says of a LoRA adapter, as PEFT's {@code LoraConfig} has it.
 *
 * @param baseModel what the adapter was made for; may be empty
 * @param taskType such as {@code CAUSAL_LM} or {@code SEQ_CLS}; may be empty
 * @param dropout in training, 0 to below 1
 * @param saved ends of the paths of modules that are saved whole ({@code modules_to_save})
 */
public record PeftConfig(
        String baseModel,
        String taskType,
        PeftStrength strength,
        PeftTargets targets,
        double dropout,
        List<String> saved) {
    private static final int BYTES_MAX = 1 << 20;
    static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(8).build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .build();

    /** @throws IllegalArgumentException if the dropout is out of range */
    public PeftConfig {
        saved = List.copyOf(saved);
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout is 0 or more and below 1");
        }
    }

    /**
     * Reads an adapter_config.json.
     *
     * @throws FormatRefusedException if it is damaged, not about LoRA, or asks for something that would change what the
     *     factors mean and is not supported
     */
    public static PeftConfig read(byte[] json) throws FormatRefusedException {
        if (json.length > BYTES_MAX) {
            throw new FormatRefusedException("adapter_config.json has more than " + BYTES_MAX + " bytes");
        }
        try {
            return new PeftConfigReader(JSON.readTree(json)).read();
        } catch (IOException e) {
            throw new FormatRefusedException("adapter_config.json is not JSON", e);
        } catch (IllegalArgumentException e) {
            throw new FormatRefusedException("adapter_config.json has a value out of range: " + e.getMessage(), e);
        }
    }

    /** UTF-8, indented; equal configurations give equal bytes. */
    public byte[] toJson() {
        ObjectNode config = JSON.createObjectNode();
        config.put("peft_type", "LORA");
        config.put("task_type", taskType);
        config.put("base_model_name_or_path", baseModel);
        config.put("r", strength.rank());
        config.put("lora_alpha", strength.alpha());
        config.put("use_rslora", strength.rankStabilized());
        ObjectNode ranks = config.putObject("rank_pattern");
        strength.ranks().forEach(ranks::put);
        ObjectNode alphas = config.putObject("alpha_pattern");
        strength.alphas().forEach(alphas::put);
        if (targets.pattern().isEmpty()) {
            ArrayNode names = config.putArray("target_modules");
            targets.names().forEach(names::add);
        } else {
            config.put("target_modules", targets.pattern());
        }
        if (saved.isEmpty()) {
            config.putNull("modules_to_save");
        } else {
            saved.forEach(config.putArray("modules_to_save")::add);
        }
        config.put("lora_dropout", dropout);
        config.put("bias", "none");
        config.put("fan_in_fan_out", false);
        config.put("inference_mode", true);
        try {
            return (JSON.writeValueAsString(config).replace("\r\n", "\n") + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a tree of plain values is always JSON", e);
        }
    }
}
