package dev.coppice.adapters.pack;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.coppice.adapters.TensorSpec;
import dev.coppice.adapters.kit.Kit;
import dev.coppice.adapters.lora.LoraSpec;
import java.util.SortedSet;
import java.util.TreeSet;

/** adapter_config.json as PEFT's {@code LoraConfig} reads it. */
final class PeftConfig {
    private PeftConfig() {}

    /** Canonical: equal kits give equal bytes. */
    static byte[] bytes(Kit kit) {
        LoraSpec lora = kit.spec().lora();
        SortedSet<String> adapted = new TreeSet<>();
        SortedSet<String> saved = new TreeSet<>();
        for (TensorSpec tensor : kit.layout().tensors()) {
            String name = tensor.name();
            int factor = name.indexOf(".lora_");
            (factor < 0 ? saved : adapted).add(name.substring(0, factor < 0 ? name.lastIndexOf('.') : factor));
        }
        ObjectNode config = PackJson.object();
        config.put("peft_type", "LORA");
        config.put("task_type", kit.spec().task().hasLabels() ? "SEQ_CLS" : "CAUSAL_LM");
        config.put("base_model_name_or_path", "sha256:" + kit.modelSha256());
        config.put("r", lora.rank());
        config.put("lora_alpha", lora.alpha());
        ArrayNode targets = config.putArray("target_modules");
        (lora.hasOnlyEnds() ? lora.targets() : adapted).forEach(targets::add);
        putPatterns(config, lora, adapted);
        config.put("use_rslora", lora.options().rankStabilized());
        if (saved.isEmpty()) {
            config.putNull("modules_to_save");
        } else {
            ArrayNode modules = config.putArray("modules_to_save");
            saved.forEach(modules::add);
        }
        config.put("lora_dropout", lora.options().dropout());
        config.put("bias", "none");
        config.put("fan_in_fan_out", false);
        config.put("inference_mode", true);
        return PackJson.bytes(config);
    }

    /** Modules of a rank or strength of their own, by their whole paths. */
    private static void putPatterns(ObjectNode config, LoraSpec lora, SortedSet<String> adapted) {
        ObjectNode ranks = config.putObject("rank_pattern");
        ObjectNode alphas = config.putObject("alpha_pattern");
        for (String module : adapted) {
            if (lora.rank(module) != lora.rank()) {
                ranks.put(module, lora.rank(module));
            }
            if (lora.alpha(module) != lora.alpha()) {
                alphas.put(module, lora.alpha(module));
            }
        }
    }
}
