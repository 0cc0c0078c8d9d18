package dev.coppice.adapters.inference;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.coppice.adapters.AdapterWeights;
import dev.coppice.adapters.ParameterLayout;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.format.FormatRefusedException;
import dev.coppice.adapters.format.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * An adapter's folder as Hugging Face PEFT writes it and skill packs are: {@code adapter_config.json} and
 * {@code adapter_model.safetensors}.
 *
 * @param labels that the adapter's head knows, as a skill pack's {@code skill.json} says; empty if nothing says so
 */
public record AdapterFolder(Adapter adapter, List<String> labels) {
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String CONFIG = "adapter_config.json";
    private static final String SKILL = "skill.json";
    private static final int JSON_BYTES_MAX = 1 << 20;
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(8).build())
                    .build())
            .build();

    public AdapterFolder {
        labels = List.copyOf(labels);
    }

    /**
     * Reads a folder.
     *
     * @throws FormatRefusedException if a file is missing, damaged or of a kind of adapter that is not plain LoRA
     */
    public static AdapterFolder read(Path folder) throws IOException, FormatRefusedException {
        JsonNode config = json(folder, CONFIG);
        require("LORA".equals(config.path("peft_type").asText()), "is not about LoRA");
        require(!config.path("use_dora").asBoolean(), "asks for DoRA, which is not supported");
        require(!config.path("lora_bias").asBoolean(), "asks for biases in LoRA, which are not supported");
        require(
                List.of("none", "").contains(config.path("bias").asText("none")),
                "trains biases; they are not supported");
        byte[] file = bytes(folder, WEIGHTS, Safetensors.BYTES_MAX);
        AdapterWeights weights = withoutPrefix(Safetensors.read(file));
        List<String> labels = new ArrayList<>();
        if (Files.isRegularFile(folder.resolve(SKILL))) {
            json(folder, SKILL).path("labels").forEach(label -> labels.add(label.asText()));
        }
        try {
            return new AdapterFolder(Adapter.of(weights, module -> scale(config, weights, module)), labels);
        } catch (IllegalArgumentException e) {
            throw new FormatRefusedException(WEIGHTS + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** alpha / rank, or alpha / sqrt(rank) as in rsLoRA; the rank is that of the module's own factors. */
    private static double scale(JsonNode config, AdapterWeights weights, String module) {
        double rank = weights.layout().tensors().stream()
                .filter(tensor -> tensor.name().equals(AdapterInputs.a(module)))
                .mapToInt(tensor -> tensor.shape().get(0))
                .findFirst()
                .orElse(1);
        double alpha = config.path("lora_alpha").asDouble();
        for (Map.Entry<String, JsonNode> pattern : config.path("alpha_pattern").properties()) {
            if (matches(pattern.getKey(), module)) {
                alpha = pattern.getValue().asDouble();
            }
        }
        if (!(alpha > 0)) {
            throw new IllegalArgumentException(CONFIG + " has no alpha above 0 for " + module);
        }
        return alpha / (config.path("use_rslora").asBoolean() ? Math.sqrt(rank) : rank);
    }

    /** PEFT's patterns are regular expressions that the end of a path has to match. */
    private static boolean matches(String pattern, String module) {
        try {
            return Pattern.compile("(.*\\.)?(" + pattern + ")").matcher(module).matches();
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(CONFIG + " has a pattern that is none", e);
        }
    }

    private static AdapterWeights withoutPrefix(AdapterWeights peft) throws FormatRefusedException {
        Map<String, float[]> values = new HashMap<>();
        List<TensorSpec> tensors = new ArrayList<>();
        for (TensorSpec tensor : peft.layout().tensors()) {
            require(tensor.name().startsWith(SideModel.PREFIX), "does not fit the names in " + WEIGHTS);
            TensorSpec plain = new TensorSpec(tensor.name().substring(SideModel.PREFIX.length()), tensor.shape());
            tensors.add(plain);
            values.put(plain.name(), peft.tensor(tensor));
        }
        ParameterLayout layout = ParameterLayout.of(tensors);
        float[] flat = new float[layout.count()];
        values.forEach((name, part) -> System.arraycopy(part, 0, flat, layout.offset(name), part.length));
        return AdapterWeights.of(layout, flat);
    }

    private static JsonNode json(Path folder, String name) throws IOException, FormatRefusedException {
        try {
            return JSON.readTree(bytes(folder, name, JSON_BYTES_MAX));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new FormatRefusedException(name + " is not JSON", e);
        }
    }

    private static byte[] bytes(Path folder, String name, int bytesMax) throws IOException, FormatRefusedException {
        Path file = folder.resolve(name);
        if (!Files.isRegularFile(file)) {
            throw new FormatRefusedException("there is no " + name + " in " + folder);
        }
        if (Files.size(file) > bytesMax) {
            throw new FormatRefusedException(name + " has more than " + bytesMax + " bytes");
        }
        return Files.readAllBytes(file);
    }

    private static void require(boolean fits, String problem) throws FormatRefusedException {
        if (!fits) {
            throw new FormatRefusedException(CONFIG + " " + problem);
        }
    }
}
